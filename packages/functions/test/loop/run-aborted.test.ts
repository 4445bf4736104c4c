import { describe, expect, test } from "vitest";
import { tellings, textOf } from "../support/conversation.ts";
import { openSession } from "../support/test-session.ts";
import { watchRun } from "../support/watch-run.ts";
import { wires } from "../wires/wires.ts";

const research = (topic: string, id = topic) => ({ id, name: "research", input: { topic } });

describe.each(wires)("aborting runUntilIdle, over $name", (wire) => {
  test("before it starts", async () => {
    await using background = openSession();
    await background.settle("tides");
    const messages = [wire.user("hi")];

    const result = await wire.functions(background.session).runUntilIdle({
      messages,
      create: () => Promise.reject(new Error("no model is called")),
      signal: AbortSignal.abort(),
    });

    expect(result).toEqual({ messages, reason: "aborted", turns: 0, steps: 0 });
    expect(background.session.notifications.pending()).toBe(1);
  });

  test("while another turn of the session runs", async () => {
    await using background = openSession();
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const other = background.session.turn(() => {
      begun.resolve();
      return release.promise;
    });
    await begun.promise;
    const abort = new AbortController();
    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: () => Promise.reject(new Error("no model is called")),
      signal: abort.signal,
    });
    abort.abort();

    expect(await running).toMatchObject({ reason: "aborted", turns: 0, steps: 0 });
    release.resolve();
    await other;
    await background.session.turn(() => {});
  });

  test.each(["that listens", "that does not listen"])(
    "while the model is called by a create %s",
    async (kind) => {
      await using background = openSession();
      await using model = await wire.start([{ fault: "hang" }, { text: "I see." }]);
      const functions = wire.functions(background.session);
      const create = wire.create(model);
      const abort = new AbortController();
      const messages = [wire.user("hi")];
      await background.settle("tides");

      const running = functions.runUntilIdle({
        messages,
        create: ({ signal, ...request }) =>
          create({
            ...request,
            signal: kind === "that listens" ? signal : new AbortController().signal,
          }),
        signal: abort.signal,
      });
      await model.hanging;
      abort.abort();
      const result = await running;

      expect(result).toEqual({ messages, reason: "aborted", turns: 0, steps: 0 });
      expect(background.session.notifications.pending()).toBe(1);
      const again = await functions.runUntilIdle({ messages, create });
      expect(tellings(again.messages, "all about tides")).toBe(1);
      expect(model.refused).toEqual([]);
    },
  );

  test("while a tool runs: every call is answered, so that the conversation can go on", async () => {
    await using background = openSession();
    await using model = await wire.start([
      {
        calls: [
          { id: "a", name: "list_tasks", input: {} },
          { id: "b", name: "stuck", input: {} },
          { id: "c", name: "wait_for_task", input: { task_id: await background.start("tides") } },
        ],
      },
      { text: "Never mind." },
    ]);
    const stuckBegan = Promise.withResolvers<void>();
    const stuck = {
      name: "stuck",
      description: "Never ends, and ignores its signal.",
      inputSchema: { type: "object", properties: {} },
      execute() {
        stuckBegan.resolve();
        return new Promise(() => {});
      },
    };
    const functions = wire.functions(background.session, {
      tools: [...background.session.tools(), stuck],
    });
    const create = wire.create(model);
    const abort = new AbortController();

    const running = functions.runUntilIdle({
      messages: [wire.user("hi")],
      create,
      signal: abort.signal,
    });
    await stuckBegan.promise;
    abort.abort();
    const result = await running;
    await background.finish("tides");
    const more = await functions.runUntilIdle({ messages: result.messages, create });

    expect(result).toMatchObject({ reason: "aborted", steps: 1 });
    expect(textOf(result.messages)).toContain("aborted before it answered");
    expect(more.reason).toBe("idle");
    expect(tellings(more.messages, "all about tides")).toBe(1);
    expect(model.refused).toEqual([]);
  });

  test("while it waits: the task goes on and its result is owed", async () => {
    await using background = openSession();
    await using model = await wire.start([{ calls: [research("tides")] }, { text: "Started." }]);
    const run = watchRun();
    const abort = new AbortController();
    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
      signal: abort.signal,
      onEvent: run.onEvent,
    });
    await run.reached("wait-start");
    abort.abort();

    expect(await running).toMatchObject({ reason: "aborted", turns: 1, steps: 2 });
    await background.finish("tides");
    expect(background.session.notifications.pending()).toBe(1);
  });

  test("by closing the manager while it waits", async () => {
    await using background = openSession();
    await using model = await wire.start([{ calls: [research("tides")] }, { text: "Started." }]);
    const run = watchRun();
    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
      onEvent: run.onEvent,
    });
    await run.reached("wait-start");
    await background.manager.close();

    expect(await running).toMatchObject({ reason: "closed", turns: 1, steps: 2 });
  });

  test("by closing the manager while the model is called", async () => {
    await using background = openSession();
    await using model = await wire.start([{ fault: "hang" }]);
    const running = wire
      .functions(background.session)
      .runUntilIdle({ messages: [wire.user("hi")], create: wire.create(model) });
    await model.hanging;
    await background.manager.close();

    expect(await running).toMatchObject({ reason: "closed", turns: 0, steps: 0 });
  });

  test("is refused from the start on a closed manager", async () => {
    const background = openSession();
    await background.manager.close();

    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: () => Promise.reject(new Error("no model is called")),
    });

    await expect(running).rejects.toMatchObject({ code: "CLOSED" });
  });
});
