import { expect, test } from "vitest";
import { createRunner, tellingOf } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, say, scripted } from "../support/model.ts";
import { openThread } from "../support/thread.ts";

test("what a run past the runner has saved is acknowledged by a commit, in its turn", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  await session.turn(async () => {
    await graph.invoke(say("hi"), config);
    await runner.commit("thread-1");
    expect(tellingOf(manager).isOpen("thread-1")).toBe(false);
  });
  await runner.commit("thread-1");

  expect(lines(await savedMessages(graph, config))).toEqual(["human:hi", "told:tides", "ai:ok"]);
  expect((await session.notifications.receive()).notifications).toEqual([]);
});

test("without a commit the next run acknowledges it", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  await thread.settle("tides");

  await graph.invoke(say("hi"), config);
  expect(tellingOf(manager).isOpen("thread-1")).toBe(true);
  await graph.invoke(say("again"), config);

  expect(tellingOf(manager).isOpen("thread-1")).toBe(false);
});

test("a commit waits for the run that goes on", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const graph = buildGraph({
    manager,
    model: scripted(),
    before() {
      asked.resolve();
      return gate.promise;
    },
  });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  const run = runner.invoke(say("hi"), config);
  await asked.promise;
  const commit = runner.commit("thread-1");
  gate.resolve();
  await Promise.all([run, commit]);

  expect(lines(await savedMessages(graph, config))).toEqual(["human:hi", "told:tides", "ai:ok"]);
  expect(session.notifications.pending()).toBe(0);
});

test("a commit of a thread that was told nothing reads nothing", async () => {
  await using thread = openThread();
  const { manager } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  let reads = 0;
  const { getState } = graph;
  graph.getState = (config) => {
    reads += 1;
    return getState.call(graph, config);
  };

  await createRunner(graph, { manager }).commit("thread-1");

  expect(reads).toBe(0);
});
