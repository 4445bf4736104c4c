import { MemorySaver, type StateSnapshot } from "@langchain/langgraph";
import { memoryStore } from "@meanwhile/core";
import { describe, expect, test, vi } from "vitest";
import { createRunner } from "../../src/index.ts";
import { buildGraph, type TestGraph, type Values } from "../support/graph.ts";
import { lines, research, say, scripted, tellings } from "../support/model.ts";
import { savers } from "../support/savers.ts";
import { openThread } from "../support/thread.ts";

/** The checkpoint with which the thread had said so much, and no more. */
async function checkpointAt(
  graph: TestGraph,
  config: object,
  last: string,
): Promise<StateSnapshot> {
  for await (const snapshot of graph.getStateHistory(config)) {
    const { messages = [] } = snapshot.values as Partial<Values>;
    if (lines(messages).at(-1) === last && snapshot.next.length === 0) return snapshot;
  }
  throw new Error(`No checkpoint ends with ${last}.`);
}

describe.for(savers)("with $name", ({ open, missing }) => {
  test.skipIf(missing)("a fork is told again what only the other branch holds", async () => {
    await using thread = openThread();
    await using opened = await open();
    const { manager, config, session } = thread;
    const model = scripted(research("tides"), { text: "waiting" });
    const graph = buildGraph({ manager, model, saver: opened.saver });
    const runner = createRunner(graph, { manager });
    await runner.invoke(say("go"), config);
    await thread.finish("tides");
    await runner.wake("thread-1");
    const told = await graph.getState(config);
    const before = await checkpointAt(graph, config, "ai:waiting");

    const forked = await runner.invoke(say("other"), before.config);
    const next = await runner.invoke(say("on"), config);
    const back = await runner.invoke(say("back"), told.config);

    expect(lines(forked.messages).slice(3)).toEqual([
      "ai:waiting",
      "human:other",
      "told:tides",
      "ai:ok",
    ]);
    expect(tellings(lines(next.messages), "tides")).toBe(1);
    expect(lines(back.messages).slice(3)).toEqual([
      "ai:waiting",
      "told:tides",
      "ai:ok",
      "human:back",
      "ai:ok",
    ]);
    expect((await session.notifications.receive()).notifications).toEqual([]);
  });

  test.skipIf(missing)(
    "what is still owed is told in the fork, and in the branch that was left when it goes on",
    async () => {
      await using thread = openThread();
      await using opened = await open();
      const { manager, config, session } = thread;
      const model = scripted(research("tides"), { text: "waiting" });
      const graph = buildGraph({ manager, model, saver: opened.saver });
      const runner = createRunner(graph, { manager });
      await runner.invoke(say("go"), config);
      const before = await checkpointAt(graph, config, "ai:waiting");
      await runner.invoke(say("main"), config);
      const main = await graph.getState(config);
      await thread.finish("tides");

      const forked = await runner.invoke(say("other"), before.config);
      const back = await runner.invoke(say("back"), main.config);

      expect(lines(forked.messages).slice(-3)).toEqual(["human:other", "told:tides", "ai:ok"]);
      expect(lines(back.messages).slice(-3)).toEqual(["human:back", "told:tides", "ai:ok"]);
      expect((await session.notifications.receive()).notifications).toEqual([]);
    },
  );
});

test("a branch that was changed by hand, and goes on without a named checkpoint, is told again", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const model = scripted(research("tides"), { text: "waiting" });
  const graph = buildGraph({ manager, model });
  const runner = createRunner(graph, { manager });
  await runner.invoke(say("go"), config);
  await thread.finish("tides");
  await runner.wake("thread-1");
  const before = await checkpointAt(graph, config, "ai:waiting");

  await graph.updateState(before.config, say("edited"), "wait");
  const { messages } = await runner.invoke(say("other"), config);

  expect(tellings(lines(messages), "tides")).toBe(1);
});

test("so is a branch that goes on after a restart", async () => {
  const store = memoryStore();
  const saver = new MemorySaver();
  const model = scripted(research("tides"), { text: "waiting" });
  await using first = openThread({ store });
  const graph = buildGraph({ manager: first.manager, model, saver });
  const runner = createRunner(graph, { manager: first.manager });
  await runner.invoke(say("go"), first.config);
  await first.finish("tides");
  await runner.wake("thread-1");
  const before = await checkpointAt(graph, first.config, "ai:waiting");
  await first.manager.close();

  await using thread = openThread({ store });
  const { manager } = thread;
  const again = createRunner(buildGraph({ manager, model, saver }), { manager });
  const { messages } = await again.invoke(say("other"), before.config);

  expect(tellings(lines(messages), "tides")).toBe(1);
});

test("a fork from before a task was started is told of it only if it is still owed", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const model = scripted({ text: "hello" }, research("tides", "moon"), { text: "waiting" });
  const graph = buildGraph({ manager, model });
  const runner = createRunner(graph, { manager });
  await runner.invoke(say("hi"), config);
  const before = await checkpointAt(graph, config, "ai:hello");
  await runner.invoke(say("go"), config);
  await thread.finish("tides");
  await runner.wake("thread-1");
  await thread.finish("moon");

  const { messages } = await runner.invoke(say("other"), before.config);

  expect(lines(messages)).toEqual(["human:hi", "ai:hello", "human:other", "told:moon", "ai:ok"]);
});

test("a fork from behind the reading of a result is not told of it again", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const read = (): { calls: { name: string; args: { task_id: string } }[] } => ({
    calls: [{ name: "read_task", args: { task_id: id } }],
  });
  let id = "";
  const model = scripted(
    research("tides"),
    { text: "waiting" },
    {
      get calls() {
        return read().calls;
      },
    },
    { text: "read" },
  );
  const graph = buildGraph({ manager, model });
  const runner = createRunner(graph, { manager });
  await runner.invoke(say("go"), config);
  id = (await session.list())[0]?.id ?? "";
  const open = await session.get(id);
  const ended = open.result();
  await thread.finish("tides");
  await ended;
  await runner.invoke(say("read it"), config);
  const before = await checkpointAt(graph, config, "ai:read");
  await runner.invoke(say("on"), config);

  const { messages } = await runner.invoke(say("other"), before.config);

  expect(lines(messages).join()).not.toContain("told");
});

test("an ordinary run looks at no task, also when a result was read elsewhere", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const model = scripted(research("tides", "moon"), { text: "waiting" });
  const graph = buildGraph({ manager, model });
  const runner = createRunner(graph, { manager });
  await runner.invoke(say("go"), config);
  const [task] = await session.list();
  const result = (await session.get(task?.id ?? "")).result();
  for (const { title } of await session.list()) await thread.finish(title);
  await result;
  const get = vi.spyOn(session, "get");

  const { messages } = await runner.invoke(say("and?"), config);

  const told = lines(messages).filter((line) => line.startsWith("told"));
  expect(told).toEqual([task?.title === "tides" ? "told:moon" : "told:tides"]);
  expect(get).not.toHaveBeenCalled();
});
