import { describe, expect, test } from "vitest";
import { frozen, tellings, textOf } from "../support/conversation.ts";
import { openSession } from "../support/test-session.ts";
import { watchRun } from "../support/watch-run.ts";
import { wires } from "../wires/wires.ts";

const research = (topic: string, id = topic) => ({ id, name: "research", input: { topic } });

describe.each(wires)("runUntilIdle, over $name", (wire) => {
  test("goes on while a task runs, and is told of its result", async () => {
    await using background = openSession();
    await using model = await wire.start([
      { calls: [research("tides")] },
      { text: "I have started it." },
      { text: "It is done." },
    ]);
    const run = watchRun();
    const running = wire.functions(background.session).runUntilIdle({
      messages: frozen([wire.user("look up the tides")]),
      create: wire.create(model),
      onEvent: run.onEvent,
    });
    await run.reached("wait-start");
    await background.finish("tides");
    const result = await running;

    expect(result).toMatchObject({ reason: "idle", turns: 2, steps: 3 });
    expect(tellings(result.messages, "all about tides")).toBe(1);
    expect(textOf(result.messages.slice(-1))).toContain("It is done.");
    expect(model.refused).toEqual([]);
    expect(background.session.notifications.pending()).toBe(0);
  });

  test("ends at once without tasks", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "hello" }]);

    const result = await wire
      .functions(background.session)
      .runUntilIdle({ messages: [wire.user("hi")], create: wire.create(model) });

    expect(result).toMatchObject({ reason: "idle", turns: 1, steps: 1 });
  });

  test("calls no model when it has answered and nothing is owed", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "hello" }]);
    const functions = wire.functions(background.session);
    const create = wire.create(model);
    const { messages } = await functions.runUntilIdle({ messages: [wire.user("hi")], create });

    const again = await functions.runUntilIdle({ messages, create });

    expect(again).toEqual({ messages, reason: "idle", turns: 0, steps: 0 });
    expect(model.accepted).toHaveLength(1);
  });

  test("tells two results that are there in one step", async () => {
    await using background = openSession();
    await using model = await wire.start([
      { calls: [research("tides"), research("winds")] },
      { text: "I have started both." },
      { text: "Both are done." },
    ]);
    const run = watchRun();
    const holdTurn = Promise.withResolvers<void>();
    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("look up the tides and the winds")],
      create: wire.create(model),
      onEvent: run.onEvent,
    });
    await run.reached("wait-start");
    const other = background.session.turn(() => holdTurn.promise);
    await background.finish("tides");
    await background.finish("winds");
    holdTurn.resolve();
    await other;
    const result = await running;

    expect(result).toMatchObject({ reason: "idle", turns: 2, steps: 3 });
    expect(tellings(result.messages, "all about tides")).toBe(1);
    expect(tellings(result.messages, "all about winds")).toBe(1);
    expect(model.refused).toEqual([]);
  });

  test("tells a result that arrives while tools run right after their answers", async () => {
    await using background = openSession();
    await using model = await wire.start([
      { calls: [{ id: "slow", name: "slow", input: {} }] },
      { text: "Done." },
    ]);
    const slow = {
      name: "slow",
      description: "Takes a while.",
      inputSchema: { type: "object", properties: {} },
      execute: async () => {
        await background.settle("tides");
        return { waited: true };
      },
    };

    const result = await wire
      .functions(background.session, { tools: [...background.session.tools(), slow] })
      .runUntilIdle({ messages: [wire.user("hi")], create: wire.create(model) });

    expect(result).toMatchObject({ reason: "idle", turns: 1, steps: 2 });
    expect(tellings(wire.conversation(model.accepted[1] ?? {}), "all about tides")).toBe(1);
    expect(textOf(result.messages)).toContain("waited");
    expect(model.refused).toEqual([]);
  });

  test("tells what ended between two runs with the next user message", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "hello" }, { text: "I see." }]);
    const functions = wire.functions(background.session);
    const create = wire.create(model);
    const first = await functions.runUntilIdle({ messages: [wire.user("hi")], create });
    await background.settle("tides");

    const second = await functions.runUntilIdle({
      messages: frozen([...first.messages, wire.user("any news?")]),
      create,
    });

    expect(second).toMatchObject({ reason: "idle", turns: 1, steps: 1 });
    expect(tellings(second.messages, "all about tides")).toBe(1);
    expect(model.refused).toEqual([]);
  });

  test.each(["read_task", "wait_for_task"])(
    "does not tell again what %s has shown",
    async (name) => {
      await using background = openSession();
      const id = await background.start("tides");
      await using model = await wire.start([
        { calls: [{ id: "c1", name, input: { task_id: id } }] },
        { text: "I know." },
      ]);
      const run = watchRun();
      const running = wire.functions(background.session).runUntilIdle({
        messages: [wire.user("hi")],
        create: async (request) => {
          // For read_task the end must come after the injection, before the call.
          const response = await wire.create(model)(request);
          if (model.accepted.length === 1) await background.finish("tides");
          return response;
        },
        onEvent: run.onEvent,
      });
      const result = await running;

      expect(result).toMatchObject({ reason: "idle", steps: 2 });
      expect(tellings(result.messages, "all about tides")).toBe(1);
      expect(background.session.notifications.pending()).toBe(0);
      expect(model.refused).toEqual([]);
    },
  );

  test("answers calls in their order, though they end in another", async () => {
    await using background = openSession();
    const release = Promise.withResolvers<void>();
    await using model = await wire.start([
      {
        calls: [
          { id: "a", name: "pair", input: { first: true } },
          { id: "b", name: "pair", input: { first: false } },
        ],
      },
      { text: "Done." },
    ]);
    const pair = {
      name: "pair",
      description: "Answers the first call after the second.",
      inputSchema: { type: "object", properties: { first: { type: "boolean" } } },
      async execute(input: unknown) {
        if (!(input as { first: boolean }).first) return release.resolve();
        await release.promise;
        return "after the second";
      },
    };

    const result = await wire
      .functions(background.session, { tools: [pair] })
      .runUntilIdle({ messages: [wire.user("hi")], create: wire.create(model) });

    const text = textOf(result.messages);
    expect(text.indexOf("after the second")).toBeLessThan(text.indexOf("(no output)"));
    expect(model.refused).toEqual([]);
  });

  test("answers an unknown tool with an error text and goes on", async () => {
    await using background = openSession();
    await using model = await wire.start([
      { calls: [{ id: "a", name: "__proto__", input: {} }] },
      { text: "Sorry." },
    ]);

    const result = await wire
      .functions(background.session)
      .runUntilIdle({ messages: [wire.user("hi")], create: wire.create(model) });

    expect(textOf(result.messages)).toContain("There is no tool");
    expect(model.refused).toEqual([]);
  });

  test("holds the session's turn while active, and not while it waits", async () => {
    await using background = openSession();
    await using model = await wire.start([
      { calls: [research("tides")] },
      { text: "Started." },
      { text: "Done." },
    ]);
    const run = watchRun();
    const order: string[] = [];
    const release = Promise.withResolvers<void>();
    model.gate = release.promise;

    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
      onEvent(event) {
        order.push(event.type);
        run.onEvent(event);
      },
    });
    await run.reached("step-start");
    const other = background.session.turn(() => order.push("other turn"));
    release.resolve();
    await other;
    const firstTurn = order.slice(0, order.indexOf("other turn"));
    await run.reached("wait-start");
    await background.session.turn(() => order.push("turn while waiting"));
    await background.finish("tides");
    await running;

    expect(firstTurn.filter((type) => type === "step-end")).toHaveLength(2);
    expect(order).toContain("turn while waiting");
  });

  test("stops waiting when the last task ends without news", async () => {
    await using background = openSession();
    await background.start("tides", { notify: "never" });
    await using model = await wire.start([{ text: "hello" }]);
    const run = watchRun();
    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
      onEvent: run.onEvent,
    });
    await run.reached("wait-start");
    await background.finish("tides");

    expect(await running).toMatchObject({ reason: "idle", turns: 1, steps: 1 });
  });

  test("stops waiting when the result is read elsewhere", async () => {
    await using background = openSession();
    const task = await background.session.get(await background.start("tides"));
    await using model = await wire.start([{ text: "hello" }]);
    const run = watchRun();
    const running = wire.functions(background.session).runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
      onEvent: run.onEvent,
    });
    await run.reached("wait-start");
    const reading = task.result();
    await background.finish("tides");
    await reading;

    expect(await running).toMatchObject({ reason: "idle", turns: 1, steps: 1 });
  });

  test("is a turn of the session when a wake runs it", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "I see." }]);
    const done = Promise.withResolvers<readonly object[]>();
    background.manager.onWake(
      async ({ session, signal }) => {
        const { messages } = await wire
          .functions(session)
          .runTurn({ messages: [], create: wire.create(model), signal });
        done.resolve(messages);
      },
      { debounceMs: 0 },
    );
    await background.settle("tides");
    await background.clock.advance(1);

    expect(tellings(await done.promise, "all about tides")).toBe(1);
    expect(model.refused).toEqual([]);
  });
});
