import { describe, expect, test } from "vitest";
import { tellings } from "../support/conversation.ts";
import { openSession } from "../support/test-session.ts";
import { watchRun } from "../support/watch-run.ts";
import { wires } from "../wires/wires.ts";

const research = (topic: string, id = topic) => ({ id, name: "research", input: { topic } });

describe.each(wires)("failures in runUntilIdle, over $name", (wire) => {
  test.each(["500", "reset"] as const)(
    "a provider's %s after the injection surfaces; the result is owed and told once",
    async (fault) => {
      await using background = openSession();
      await using model = await wire.start([{ fault }, { text: "I see." }]);
      const functions = wire.functions(background.session);
      const create = wire.create(model);
      const messages = [wire.user("hi")];
      await background.settle("tides");

      const failed = functions.runUntilIdle({ messages, create });
      await expect(failed).rejects.toThrow(fault === "500" ? "overloaded" : "Connection error");
      expect(background.session.notifications.pending()).toBe(1);
      const result = await functions.runUntilIdle({ messages, create });

      expect(tellings(wire.conversation(model.accepted[0] ?? {}), "all about tides")).toBe(1);
      expect(tellings(result.messages, "all about tides")).toBe(1);
      expect(model.refused).toEqual([]);
      expect(background.session.notifications.pending()).toBe(0);
    },
  );

  test("a create that tries again by itself sends the text once", async () => {
    await using background = openSession();
    await using model = await wire.start([{ fault: "500" }, { text: "I see." }]);
    const create = wire.create(model);
    await background.settle("tides");

    const result = await wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: (request) => create(request).catch(() => create(request)),
    });

    expect(model.accepted).toHaveLength(2);
    expect(tellings(result.messages, "all about tides")).toBe(1);
  });

  test("onMessage keeps a copy of the conversation in step, before the acknowledgement", async () => {
    await using background = openSession();
    await using model = await wire.start([
      { calls: [research("winds")] },
      { text: "Started." },
      { text: "Done." },
    ]);
    const run = watchRun();
    const history: object[] = [wire.user("hi")];
    const told: string[] = [];
    await background.settle("tides");

    const running = wire.functions(background.session).runUntilIdle({
      messages: [...history],
      create: wire.create(model),
      onEvent: run.onEvent,
      async onMessage({ message, index, notifications }) {
        history[index] = message;
        told.push(...notifications.map(({ title }) => title));
        if (told.length === 1 && notifications.length === 1) {
          const { notifications: queue } = background.session;
          expect(await queue.receive()).toMatchObject({ notifications: [] });
        }
      },
    });
    await run.reached("wait-start");
    await background.finish("winds");
    const result = await running;

    expect(history).toEqual(result.messages);
    expect(told).toEqual(["tides", "winds"]);
  });

  test("what onMessage throws ends the run, and the result is still owed", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "I see." }]);
    await background.settle("tides");

    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
      onMessage: () => Promise.reject(new Error("disk full")),
    });

    await expect(running).rejects.toThrow("disk full");
    expect(background.session.notifications.pending()).toBe(1);
  });
});
