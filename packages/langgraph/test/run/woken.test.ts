import { expect, test } from "vitest";
import { createRunner, isParked, type WokenThread } from "../../src/index.ts";
import { eraseTool } from "../support/erase.ts";
import { buildGraph, type Values } from "../support/graph.ts";
import { lines, research, say, scripted } from "../support/model.ts";
import { openThread } from "../support/thread.ts";

test("each wake says what it did, and what the graph gave", async () => {
  await using thread = openThread();
  const { manager, config, clock } = thread;
  const model = scripted(research("tides", "moon"), { text: "waiting" }, { text: "one is here" });
  const graph = buildGraph({ manager, model, idle: "park" });
  const runner = createRunner(graph, { manager });
  let woken = Promise.withResolvers<WokenThread<Values>>();
  runner.autoWake({ debounceMs: 10, onWoken: (one) => woken.resolve(one) });
  expect(isParked(await runner.invoke(say("go"), config))).toBe(true);

  await thread.finish("tides");
  await clock.advance(10);
  const first = await woken.promise;
  woken = Promise.withResolvers();
  await thread.finish("moon");
  // The turn of the first wake is over before the second is due.
  await runner.commit("thread-1");
  await clock.advance(10);
  const second = await woken.promise;

  expect(first).toMatchObject({ threadId: "thread-1", outcome: "resumed" });
  expect(isParked(first.output)).toBe(true);
  expect(second).toMatchObject({ threadId: "thread-1", outcome: "resumed" });
  expect(isParked(second.output)).toBe(false);
  expect(lines(second.output?.messages ?? []).at(-1)).toBe("ai:ok");
});

test("one that finds a person asked says so, with nothing of a run", async () => {
  await using thread = openThread();
  const { manager, config, clock } = thread;
  const model = scripted({ calls: [{ name: "erase", args: { what: "all" } }] });
  const graph = buildGraph({ manager, model, tools: [eraseTool()] });
  const runner = createRunner(graph, { manager });
  const woken = Promise.withResolvers<WokenThread<Values>>();
  runner.autoWake({ debounceMs: 10, onWoken: (one) => woken.resolve(one) });
  await runner.invoke(say("erase all"), config);

  await thread.settle("tides");
  await clock.advance(10);

  expect(await woken.promise).toEqual({
    threadId: "thread-1",
    outcome: "waiting-for-human",
    output: undefined,
  });
});
