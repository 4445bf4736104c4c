import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  getConfig,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { expect, test } from "vitest";
import { createRunner, graphTask, type ThreadGraph, threadSession } from "../../src/index.ts";
import { buildGraph, type TestGraph } from "../support/graph.ts";
import { say, scripted } from "../support/model.ts";
import { openThread, type TestThread } from "../support/thread.ts";

/** A graph that says which thread its node has found in its configuration. */
function innerGraph(seen: unknown[], saver?: MemorySaver): ThreadGraph {
  return new StateGraph(MessagesAnnotation)
    .addNode("inner", () => {
      seen.push(getConfig()?.configurable?.["thread_id"]);
      return { messages: [new AIMessage("inner says hello")] };
    })
    .addEdge(START, "inner")
    .compile(saver === undefined ? {} : { checkpointer: saver });
}

async function streamed(
  graph: TestGraph,
  config: object,
  whenTold: () => Promise<unknown>,
): Promise<string> {
  const chunks: unknown[] = [];
  const streamMode = ["updates", "messages", "custom", "debug"];
  const stream = await graph.stream(say("go"), { ...config, streamMode, subgraphs: true });
  for await (const chunk of stream) chunks.push(chunk);
  await whenTold();
  return JSON.stringify(chunks);
}

async function namespaces(saver: MemorySaver, thread: string): Promise<Set<unknown>> {
  const found = new Set<unknown>();
  for await (const { config } of saver.list({ configurable: { thread_id: thread } })) {
    found.add(config.configurable?.["checkpoint_ns"]);
  }
  return found;
}

test("a graph that is a task streams nothing into the thread that started it, and saves nothing there", async () => {
  const saver = new MemorySaver();
  const seen: unknown[] = [];
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => thread.manager,
    graph: innerGraph(seen, saver),
  });
  await using thread: TestThread = openThread({ tasks: [helper] });
  const { manager, config, session } = thread;
  const model = scripted({ calls: [{ name: "helper", args: { prompt: "help" } }] });
  const graph = buildGraph({ manager, model, saver });

  const shown = await streamed(graph, config, async () => {
    const [task] = await session.list();
    await (await session.get(task?.id ?? "")).result();
  });

  const [task] = await session.list();
  expect(shown.includes("inner says hello")).toBe(false);
  expect(seen).toEqual([`meanwhile-graph:${task?.id}`]);
  expect(await namespaces(saver, "thread-1")).toEqual(new Set([""]));
});

test("nor does a graph that a closure runs, which a tool of the thread has started in the background", async () => {
  const saver = new MemorySaver();
  const seen: unknown[] = [];
  let started: Promise<unknown> | undefined;
  await using thread = openThread();
  const { manager, config } = thread;
  const spawn = tool(
    async (_, runtime) => {
      const task = await threadSession(manager, runtime).start(() =>
        innerGraph(seen)
          .invoke(say("help"))
          .then(() => "done"),
      );
      started = task.result();
      return "started";
    },
    { name: "spawn", description: "Starts it.", schema: { type: "object", properties: {} } },
  );
  const model = scripted({ calls: [{ name: "spawn" }] });
  const graph = buildGraph({ manager, model, saver, tools: [spawn as never] });

  const shown = await streamed(graph, config, async () => started);

  expect(shown.includes("inner says hello")).toBe(false);
  expect(seen).toEqual([undefined]);
  expect(await namespaces(saver, "thread-1")).toEqual(new Set([""]));
});

test("the signal of the run does not reach a task that it has started", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const stop = new AbortController();
  const model = scripted({ calls: [{ name: "research", args: { topic: "tides" } }] });
  const graph = buildGraph({
    manager,
    model,
    before: () => (model.callCount === 1 ? stop.abort() : undefined),
  });
  const runner = createRunner(graph, { manager });

  await runner.invoke(say("go"), { ...config, signal: stop.signal }).catch(() => {});
  await thread.begun("tides");
  await thread.finish("tides");

  expect((await session.list()).map(({ status }) => status)).toEqual(["completed"]);
});
