import { describe, expect, test } from "vitest";
import { frozen, tellings, textOf } from "./support/conversation.ts";
import { openSession } from "./support/test-session.ts";
import { watchRun } from "./support/watch-run.ts";
import { wires } from "./wires/wires.ts";

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
