import { describe, expect, test } from "vitest";
import { createRunner } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, research, say, scripted } from "../support/model.ts";
import { openThread } from "../support/thread.ts";

describe.each(["end", "park"] as const)("a graph that does %s when idle", (idle) => {
  test("is run until nothing is open and nothing is owed", async () => {
    await using thread = openThread();
    const { manager, config, session } = thread;
    const model = scripted(
      research("tides"),
      { text: "waiting" },
      research("moon"),
      { text: "and on" },
      { text: "done" },
    );
    const graph = buildGraph({ manager, model, idle });
    const runner = createRunner(graph, { manager });

    const run = runner.runUntilIdle(say("go"), config);
    await thread.waited(1);
    await thread.finish("tides");
    await thread.waited(2);
    await thread.finish("moon");
    const { reason, output } = await run;

    expect(reason).toBe("idle");
    expect(lines(output?.messages ?? [])).toEqual([
      "human:go",
      "ai:call(research)",
      "tool:started",
      "ai:waiting",
      "told:tides",
      "ai:call(research)",
      "tool:started",
      "ai:and on",
      "told:moon",
      "ai:done",
    ]);
    expect(session.notifications.pending()).toBe(0);
  });

  test("runs once when there are no tasks", async () => {
    await using thread = openThread();
    const { manager, config } = thread;
    const model = scripted();
    const runner = createRunner(buildGraph({ manager, model, idle }), { manager });

    expect(await runner.runUntilIdle(say("hi"), config)).toMatchObject({
      reason: "idle",
      turns: 1,
    });
    expect(model.callCount).toBe(1);
  });

  test("ends after so many runs", async () => {
    await using thread = openThread();
    const { manager, config, session } = thread;
    const graph = buildGraph({ manager, model: scripted(research("tides"), { text: "w" }), idle });
    const runner = createRunner(graph, { manager });

    const run = runner.runUntilIdle(say("go"), config, { maxTurns: 1 });
    await thread.waited();
    await thread.finish("tides");

    expect(await run).toMatchObject({ reason: "max-turns", turns: 1 });
    expect(session.notifications.pending()).toBe(1);
  });

  test("ends when no news comes for so long", async () => {
    await using thread = openThread();
    const { manager, config, clock, session } = thread;
    const graph = buildGraph({ manager, model: scripted(research("tides"), { text: "w" }), idle });
    const runner = createRunner(graph, { manager });
    const waits = Promise.withResolvers<void>();
    const { timer } = clock;
    clock.timer = (callback, delayMs, keepAlive) => {
      if (delayMs === 5_000) waits.resolve();
      return timer(callback, delayMs, keepAlive);
    };

    const run = runner.runUntilIdle(say("go"), config, { maxIdleMs: 5_000 });
    await waits.promise;
    await clock.advance(5_000);

    expect(await run).toMatchObject({ reason: "max-idle", turns: 1 });
    expect((await session.list()).map(({ status }) => status)).toEqual(["running"]);
  });

  test("ends at once when it is aborted while it waits", async () => {
    await using thread = openThread();
    const { manager, config } = thread;
    const stop = new AbortController();
    const graph = buildGraph({ manager, model: scripted(research("tides"), { text: "w" }), idle });
    const runner = createRunner(graph, { manager });

    const run = runner.runUntilIdle(say("go"), config, { signal: stop.signal });
    await thread.waited();
    stop.abort();

    expect((await run).reason).toBe("aborted");
  });
});

test("a run that is aborted before it begins asks no model", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const model = scripted();
  const runner = createRunner(buildGraph({ manager, model }), { manager });

  const end = await runner.runUntilIdle(say("go"), config, { signal: AbortSignal.abort() });

  expect(end).toEqual({ reason: "aborted", turns: 0, output: undefined });
  expect(model.callCount).toBe(0);
});

test("what the graph throws in a later run comes out, and what it was told is still owed", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const model = scripted(research("tides"), { text: "waiting" }, { fails: "model down" });
  const graph = buildGraph({ manager, model });
  const runner = createRunner(graph, { manager });

  const run = runner.runUntilIdle(say("go"), config);
  run.catch(() => {});
  await thread.waited();
  await thread.finish("tides");

  await expect(run).rejects.toThrow("model down");
  expect(session.notifications.pending()).toBe(1);
  expect(await runner.wake("thread-1")).toBe("resumed");
  expect(
    lines(await savedMessages(graph, config)).filter((line) => line.startsWith("told")),
  ).toEqual(["told:tides"]);
});

test("it ends when the manager closes while it waits", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted(research("tides"), { text: "w" }) });
  const runner = createRunner(graph, { manager });

  const run = runner.runUntilIdle(say("go"), config);
  await thread.waited();
  await manager.close();

  expect((await run).reason).toBe("closed");
});

test("a user's message while it waits is answered in between", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({
    manager,
    model: scripted(research("tides"), { text: "waiting" }, { text: "hello" }, { text: "here" }),
  });
  const runner = createRunner(graph, { manager });

  const run = runner.runUntilIdle(say("go"), config);
  await thread.waited();
  await runner.invoke(say("hi"), config);
  await thread.finish("tides");
  const { output } = await run;

  expect(lines(output?.messages ?? []).slice(-4)).toEqual([
    "human:hi",
    "ai:hello",
    "told:tides",
    "ai:here",
  ]);
});

test("maxTurns must be a whole number from 1", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const runner = createRunner(buildGraph({ manager, model: scripted() }), { manager });

  for (const maxTurns of [0, 1.5, Number.NaN]) {
    await expect(runner.runUntilIdle(say("go"), config, { maxTurns })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  }
});
