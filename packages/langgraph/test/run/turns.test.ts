import { expect, test } from "vitest";
import { createRunner } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, say, scripted } from "../support/model.ts";
import { durabilities } from "../support/savers.ts";
import { openThread } from "../support/thread.ts";

test("two invokes of a thread at once come one after the other, and nothing of either is lost", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted({ text: "one" }, { text: "two" }) });
  const runner = createRunner(graph, { manager });

  await Promise.all([runner.invoke(say("a"), config), runner.invoke(say("b"), config)]);

  expect(lines(await savedMessages(graph, config))).toEqual([
    "human:a",
    "ai:one",
    "human:b",
    "ai:two",
  ]);
});

test("so do invokes of two runners of one manager", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted({ text: "one" }, { text: "two" }) });
  const runners = [createRunner(graph, { manager }), createRunner(graph, { manager })];
  await thread.settle("tides");

  await Promise.all(runners.map((runner, at) => runner.invoke(say(`${at}`), config)));

  const saved = lines(await savedMessages(graph, config));
  expect(saved).toEqual(["human:0", "told:tides", "ai:one", "human:1", "ai:two"]);
});

test("invokes of two threads go on beside each other", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const gate = Promise.withResolvers<void>();
  const before = (_: unknown, { configurable }: { configurable?: object }): unknown =>
    JSON.stringify(configurable).includes("thread-1") ? gate.promise : undefined;
  const graph = buildGraph({ manager, model: scripted(), before });
  const runner = createRunner(graph, { manager });

  const first = runner.invoke(say("a"), config);
  await runner.invoke(say("b"), { configurable: { thread_id: "thread-2" } });
  gate.resolve();

  expect(lines((await first).messages)).toEqual(["human:a", "ai:ok"]);
});

test("a user's message during a wake is lost by neither", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const graph = buildGraph({
    manager,
    model: scripted({ text: "told" }, { text: "hello" }),
    before() {
      asked.resolve();
      return gate.promise;
    },
  });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  const wake = runner.wake("thread-1");
  await asked.promise;
  const message = runner.invoke(say("hi"), config);
  gate.resolve();

  expect(await wake).toBe("ran");
  expect(lines((await message).messages)).toEqual([
    "told:tides",
    "ai:told",
    "human:hi",
    "ai:hello",
  ]);
});

test("a wake during a user's message finds nothing left to do, and asks no model", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const model = scripted();
  const graph = buildGraph({
    manager,
    model,
    before() {
      asked.resolve();
      return gate.promise;
    },
  });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  const message = runner.invoke(say("hi"), config);
  await asked.promise;
  const wakes = [runner.wake("thread-1"), runner.wake("thread-1")];
  gate.resolve();

  expect(lines((await message).messages)).toEqual(["human:hi", "told:tides", "ai:ok"]);
  expect(await Promise.all(wakes)).toEqual(["nothing", "nothing"]);
  expect(model.callCount).toBe(1);
});

test("a run inside a run of the same thread is refused, one inside a turn of the session is part of it", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  let inner: Promise<unknown> | undefined;
  const graph = buildGraph({
    manager,
    model: scripted(),
    before() {
      inner ??= runner.invoke(say("inside"), config);
      return inner.catch(() => {});
    },
  });
  const runner = createRunner(graph, { manager });

  const { messages } = await session.turn(() => runner.invoke(say("hi"), config));

  expect(lines(messages)).toEqual(["human:hi", "ai:ok"]);
  await expect(inner).rejects.toMatchObject({ code: "NESTED_TURN" });
});

test("a run that is aborted while it waits for its turn begins nothing", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const model = scripted();
  const graph = buildGraph({ manager, model });
  const runner = createRunner(graph, { manager });
  const gate = Promise.withResolvers<void>();
  const turn = session.turn(() => gate.promise);
  const stop = new AbortController();

  const run = runner.invoke(say("hi"), { ...config, signal: stop.signal });
  stop.abort(new Error("stop"));

  await expect(run).rejects.toThrow("stop");
  gate.resolve();
  await turn;
  expect(model.callCount).toBe(0);
});

test.each(durabilities)(
  "what a run was told that was aborted is neither lost nor told twice (%s)",
  async (durability) => {
    await using thread = openThread();
    const { manager, config, session } = thread;
    const stop = new AbortController();
    const graph = buildGraph({ manager, model: scripted(), before: () => stop.abort() });
    const runner = createRunner(graph, { manager, config: { durability } });
    await thread.settle("tides");

    const run = runner.invoke(say("hi"), { ...config, signal: stop.signal });
    await expect(run).rejects.toThrow();
    expect(session.notifications.pending()).toBe(1);
    await runner.wake("thread-1");

    expect(lines(await savedMessages(graph, config))).toEqual(["human:hi", "told:tides", "ai:ok"]);
    expect((await session.notifications.receive()).notifications).toEqual([]);
  },
);

test("a thread must be named, and the graph must have a checkpointer", async () => {
  await using thread = openThread();
  const { manager } = thread;
  const graph = buildGraph({ manager, model: scripted() });

  await expect(createRunner(graph, { manager }).invoke(say("hi"), {})).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("thread_id"),
  });
  expect(() => createRunner({ ...graph, checkpointer: undefined }, { manager })).toThrow(
    /compile\(\{ checkpointer/,
  );
});
