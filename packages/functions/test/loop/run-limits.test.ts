import { describe, expect, test } from "vitest";
import { openSession } from "../support/test-session.ts";
import { watchRun } from "../support/watch-run.ts";
import { wires } from "../wires/wires.ts";

const research = (topic: string, id = topic) => ({ id, name: "research", input: { topic } });

describe.each(wires)("the limits of runUntilIdle, over $name", (wire) => {
  test("maxSteps ends a model that never stops calling tools, with a valid conversation", async () => {
    await using background = openSession();
    const calls = (id: string) => ({ calls: [{ id, name: "list_tasks", input: {} }] });
    await using model = await wire.start([calls("a"), calls("b"), { text: "fine" }]);
    const functions = wire.functions(background.session);
    const create = wire.create(model);

    const result = await functions.runUntilIdle({
      messages: [wire.user("hi")],
      create,
      maxSteps: 2,
    });
    const more = await functions.runUntilIdle({ messages: result.messages, create });

    expect(result).toMatchObject({ reason: "max-steps", turns: 1, steps: 2 });
    expect(more).toMatchObject({ reason: "idle", steps: 1 });
    expect(model.refused).toEqual([]);
  });

  test("maxSteps is no reason when the model has answered by then", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "hello" }]);

    const result = await wire
      .functions(background.session)
      .runUntilIdle({ messages: [wire.user("hi")], create: wire.create(model), maxSteps: 1 });

    expect(result).toMatchObject({ reason: "idle", steps: 1 });
  });

  test("maxTurns ends a run before its next turn; what it was to tell is owed", async () => {
    await using background = openSession();
    await using model = await wire.start([{ calls: [research("tides")] }, { text: "Started." }]);
    const run = watchRun();
    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
      maxTurns: 1,
      onEvent: run.onEvent,
    });
    await run.reached("wait-start");
    await background.finish("tides");

    expect(await running).toMatchObject({ reason: "max-turns", turns: 1, steps: 2 });
    expect(background.session.notifications.pending()).toBe(1);
  });

  test("maxIdleMs ends the wait for a task that takes too long", async () => {
    await using background = openSession();
    await background.start("tides");
    await using model = await wire.start([{ text: "hello" }]);
    const run = watchRun();
    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
      maxIdleMs: 60_000,
      onEvent: run.onEvent,
    });
    await run.reached("wait-start");
    await background.clock.advance(60_000);

    expect(await running).toMatchObject({ reason: "max-idle", turns: 1, steps: 1 });
  });

  test.each([{ maxSteps: 0 }, { maxSteps: 1.5 }, { maxTurns: 0 }, { maxTurns: Number.NaN }])(
    "refuses $maxSteps steps and $maxTurns turns",
    async (limits) => {
      await using background = openSession();
      const functions = wire.functions(background.session);
      const create = () => Promise.reject(new Error("no model is called"));

      const running = functions.runUntilIdle({ messages: [wire.user("hi")], create, ...limits });

      await expect(running).rejects.toMatchObject({ code: "INVALID_OPTION" });
    },
  );

  test("refuses a conversation whose tool calls have no answer", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session);
    const create = () => Promise.reject(new Error("no model is called"));

    const running = functions.runUntilIdle({
      messages: [wire.user("hi"), ...wire.calls("a")],
      create,
    });

    await expect(running).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("refuses what is no response, and the result is still owed", async () => {
    await using background = openSession();
    await background.settle("tides");
    const functions = wire.functions(background.session);

    const running = functions.runUntilIdle({
      messages: [wire.user("hi")],
      create: async () => ({ role: "assistant" }),
    });

    await expect(running).rejects.toMatchObject({ code: "INVALID_INPUT" });
    expect(background.session.notifications.pending()).toBe(1);
  });
});
