import { AIMessage, HumanMessage } from "@langchain/core/messages";
import {
  END,
  interrupt,
  MemorySaver,
  MessagesValue,
  START,
  StateGraph,
  StateSchema,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { createNodes, createRunner, meanwhileState, type TaskChunk } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, research, say, scripted, tellings } from "../support/model.ts";
import { openThread } from "../support/thread.ts";

describe.each(["StateSchema", "Annotation"] as const)("a graph of a %s", (schema) => {
  test("waits for its tasks, and answers what they gave, in one run", async () => {
    await using thread = openThread();
    const { manager, config, session } = thread;
    const model = scripted(research("tides"), { text: "waiting" });
    const graph = buildGraph({ manager, model, idle: "wait", schema });

    const run = graph.invoke(say("go"), config);
    await thread.waited();
    await thread.finish("tides");
    const { messages, _meanwhile } = await run;

    expect(lines(messages)).toEqual([
      "human:go",
      "ai:call(research)",
      "tool:started",
      "ai:waiting",
      "told:tides",
      "ai:ok",
    ]);
    expect(_meanwhile).toEqual([`${(await session.list())[0]?.id}.end`]);
  });

  test("what a run returns may be given to the next: nothing is told or counted twice", async () => {
    await using thread = openThread();
    const { manager, config } = thread;
    const graph = buildGraph({ manager, model: scripted(), schema });
    await thread.settle("tides");

    const first = await graph.invoke(say("hi"), config);
    const second = await graph.invoke(first, config);

    expect(second._meanwhile).toEqual(first._meanwhile);
    expect(tellings(lines(second.messages), "tides")).toBe(1);
  });
});

test("what the tasks do while a node waits is on the custom stream", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const model = scripted(research("tides"), { text: "waiting" });
  const graph = buildGraph({ manager, model, idle: "wait" });

  const chunks: TaskChunk[] = [];
  for await (const chunk of await graph.stream(say("go"), { ...config, streamMode: "custom" })) {
    chunks.push(chunk as TaskChunk);
    if (chunks.length === 1) await thread.finish("tides");
  }

  const [task] = await thread.session.list();
  expect(chunks.map(({ type, taskId, name, status }) => [type, taskId, name, status])).toEqual([
    ["meanwhile", task?.id, "research", "running"],
    ["meanwhile", task?.id, "research", "completed"],
  ]);
});

test("a node that waits ends with the run's signal, and the task goes on", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const model = scripted(research("tides"), { text: "waiting" });
  const graph = buildGraph({ manager, model, idle: "wait" });
  const stop = new AbortController();

  const run = graph.invoke(say("go"), { ...config, signal: stop.signal });
  run.catch(() => {});
  await thread.waited();
  stop.abort(new Error("stop"));

  await expect(run).rejects.toThrow("stop");
  expect((await session.list()).map(({ status }) => status)).toEqual(["running"]);
});

test("a wait whose tasks end without news comes to its end, and asks no model", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const model = scripted(research("tides"), { text: "waiting" });
  const graph = buildGraph({ manager, model, idle: "wait" });

  const run = graph.invoke(say("go"), config);
  await thread.waited();
  const [task] = await session.list();
  const result = (await session.get(task?.id ?? "")).result();
  await thread.finish("tides");
  await result;

  expect(lines((await run).messages).at(-1)).toBe("ai:waiting");
  expect(model.callCount).toBe(2);
});

test("an empty wake asks no model", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const model = scripted();
  const graph = buildGraph({ manager, model });
  await graph.invoke(say("hi"), config);

  await graph.invoke({ messages: [] }, config);

  expect(model.callCount).toBe(1);
});

test("a result that comes while the model speaks is told in the same run", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  let isFirst = true;
  const graph = buildGraph({
    manager,
    model: scripted({ text: "one" }, { text: "two" }),
    async before() {
      if (isFirst) await thread.settle("tides");
      isFirst = false;
    },
  });

  const { messages } = await graph.invoke(say("hi"), config);

  expect(lines(messages)).toEqual(["human:hi", "ai:one", "told:tides", "ai:two"]);
});

test("many results come in messages of twenty, each within its budget", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const topics = Array.from({ length: 45 }, (_, index) => `topic${index}`);
  const graph = buildGraph({ manager, model: scripted() });
  const runner = createRunner(graph, { manager });
  await thread.settle(...topics);

  await runner.runUntilIdle(say("hi"), config);

  const messages = await savedMessages(graph, config);
  const told = lines(messages).filter((line) => line.startsWith("told:"));
  const values = (await graph.getState(config)).values as { _meanwhile: string[] };
  expect(told).toHaveLength(3);
  expect(values._meanwhile).toHaveLength(45);
  for (const message of messages) expect(message.text.length).toBeLessThanOrEqual(8_000);
});

test("a notification is a user's message behind everything else, and its id follows from those it tells", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  await thread.settle("tides");

  const { messages } = await graph.invoke(say("hi"), config);

  const told = messages[1];
  const id = `${(await session.list())[0]?.id}.end`;
  expect(HumanMessage.isInstance(told)).toBe(true);
  expect(told?.id).toBe(`meanwhile-${id}`);
  expect(told?.additional_kwargs).toEqual({ meanwhile: { notifications: [id] } });
  expect(told?.text).toContain("The user did not write them");
});

test("nodes may have other names, and a run may end instead of waiting", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const nodes = createNodes(manager, { idle: "end", names: { model: "think", drain: "listen" } });
  const graph = new StateGraph(new StateSchema({ messages: MessagesValue, ...meanwhileState }))
    .addNode("listen", nodes.drainNotifications)
    .addNode("think", async () => {
      await thread.settle("moon");
      return { messages: [new AIMessage("ok")] };
    })
    .addEdge(START, "listen")
    .addConditionalEdges("listen", nodes.routeAfterDrain, ["think", END])
    .addConditionalEdges("think", nodes.routeAfterModel, {
      listen: END,
      tools: END,
      wait: END,
      [END]: END,
    })
    .compile({ checkpointer: new MemorySaver() });
  await thread.session.start(thread.research, { topic: "tides" });

  const { messages } = await graph.invoke(say("hi"), config);

  expect(lines(messages)).toEqual(["human:hi", "ai:ok"]);
});

test("parallel nodes that drain at once tell everything once", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const nodes = createNodes(manager);
  const graph = new StateGraph(new StateSchema({ messages: MessagesValue, ...meanwhileState }))
    .addNode("left", nodes.drainNotifications)
    .addNode("right", nodes.drainNotifications)
    .addNode("after", nodes.drainNotifications)
    .addEdge(START, "left")
    .addEdge(START, "right")
    .addEdge(["left", "right"], "after")
    .addEdge("after", END)
    .compile({ checkpointer: new MemorySaver() });
  await thread.settle("tides", "moon");

  const { messages } = await createRunner(graph, { manager }).invoke(say("hi"), config);

  expect(lines(messages)).toEqual(["human:hi", "told:tides,moon"]);
  expect((await session.notifications.receive()).notifications).toEqual([]);
});

test("what a parallel node was told when another fails is told once, when a new run begins as well", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const nodes = createNodes(manager);
  let isDown = true;
  const graph = new StateGraph(new StateSchema({ messages: MessagesValue, ...meanwhileState }))
    .addNode("drain", nodes.drainNotifications)
    .addNode("other", () => {
      if (isDown) throw new Error("down");
      return {};
    })
    .addEdge(START, "drain")
    .addEdge(START, "other")
    .addEdge("drain", END)
    .addEdge("other", END)
    .compile({ checkpointer: new MemorySaver() });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  await expect(runner.invoke(say("hi"), config)).rejects.toThrow("down");
  isDown = false;
  const { messages } = await runner.invoke(say("again"), config);

  expect(tellings(lines(messages), "tides")).toBe(1);
  expect((await session.notifications.receive()).notifications).toEqual([]);
});

test("nor is it lost when another asks a person, and the user says something else instead", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const nodes = createNodes(manager);
  let isAsking = true;
  const graph = new StateGraph(new StateSchema({ messages: MessagesValue, ...meanwhileState }))
    .addNode("drain", nodes.drainNotifications)
    .addNode("other", () => {
      if (isAsking) interrupt("may I?");
      return {};
    })
    .addEdge(START, "drain")
    .addEdge(START, "other")
    .addEdge("drain", END)
    .addEdge("other", END)
    .compile({ checkpointer: new MemorySaver() });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  await runner.invoke(say("hi"), config);
  isAsking = false;
  const { messages } = await runner.invoke(say("never mind"), config);

  expect(tellings(lines(messages), "tides")).toBe(1);
  expect((await session.notifications.receive()).notifications).toEqual([]);
});

test("a sub-graph with the same channels tells its parent's thread once", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const nodes = createNodes(manager, { idle: "end" });
  const State = new StateSchema({ messages: MessagesValue, ...meanwhileState });
  const inner = new StateGraph(State)
    .addNode("drain", nodes.drainNotifications)
    .addNode("answer", () => ({ messages: [new AIMessage("ok")] }))
    .addEdge(START, "drain")
    .addEdge("drain", "answer")
    .addEdge("answer", END)
    .compile();
  const graph = new StateGraph(State)
    .addNode("inner", inner)
    .addEdge(START, "inner")
    .addEdge("inner", END)
    .compile({ checkpointer: new MemorySaver() });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  await runner.invoke(say("hi"), config);
  const { messages } = await runner.invoke(say("again"), config);

  expect(tellings(lines(messages), "tides")).toBe(1);
  expect((await session.notifications.receive()).notifications).toEqual([]);
});
