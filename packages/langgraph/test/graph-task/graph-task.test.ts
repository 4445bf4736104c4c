import { AIMessage } from "@langchain/core/messages";
import {
  Annotation,
  interrupt,
  MemorySaver,
  MessagesValue,
  START,
  StateGraph,
  StateSchema,
} from "@langchain/langgraph";
import {
  BackgroundManager,
  MeanwhileError,
  memoryStore,
  type TaskDefinition,
} from "@meanwhile/core";
import { virtualClock } from "@meanwhile/core/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import { graphTask, isGraphSession, type ThreadGraph } from "../../src/index.ts";
import { buildGraph, type TestGraph } from "../support/graph.ts";
import { lines, research, say, scripted } from "../support/model.ts";
import { durabilities } from "../support/savers.ts";
import { openThread, type TestThread } from "../support/thread.ts";

const State = new StateSchema({ messages: MessagesValue });

/** A graph of one node. */
function graphOf(
  node: (state: { messages: readonly unknown[] }, config: { signal?: AbortSignal }) => unknown,
  saver = new MemorySaver(),
): ThreadGraph {
  return new StateGraph(State)
    .addNode("node", (state, config) => node(state, config) as { messages: AIMessage[] })
    .addEdge(START, "node")
    .compile({ checkpointer: saver });
}

const answer = (text: string): { messages: AIMessage[] } => ({ messages: [new AIMessage(text)] });

/** A thread that can hand work to a graph with a thread and background tasks of its own. */
function withHelper(
  inner: ReturnType<typeof scripted>,
  saver = new MemorySaver(),
): { thread: TestThread; graph: TestGraph } {
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => thread.manager,
    graph: () => buildGraph({ manager: thread.manager, model: inner, idle: "end", saver }),
  });
  const thread: TestThread = openThread({ tasks: [helper] });
  const model = scripted({ calls: [{ name: "helper", args: { prompt: "help" } }] });
  return { thread, graph: buildGraph({ manager: thread.manager, model, saver }) };
}

test("the last answer is the result, and not the transcript", async () => {
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph: graphOf(() => answer("all done")),
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });

  const task = await manager.session("a").start(helper, { prompt: "help" });

  expect(await task.result()).toBe("all done");
  expect(task.title).toBe("help");
});

test("what it started in the background reports to it, on a thread of its own, and not to who started it", async () => {
  const inner = scripted(research("tides"), { text: "waiting" }, { text: "the tides are in" });
  const { thread, graph } = withHelper(inner);
  await using _ = thread;
  const { manager, config, session } = thread;

  await graph.invoke(say("go"), config);
  const [task] = await session.list();
  const own = manager.session(`meanwhile-graph:${task?.id}`);
  await thread.begun("tides");
  await thread.finish("tides", own);
  const result = await (await session.get(task?.id ?? "")).result();

  expect(result).toBe("the tides are in");
  expect(isGraphSession(own.id)).toBe(true);
  expect(lines(inner.calls.at(-1)?.messages ?? []).at(-1)).toBe("told:tides");
  expect((await session.list()).map(({ name }) => name)).toEqual(["helper"]);
  expect(own.notifications.pending()).toBe(0);
});

test("while it waits for its tasks it takes no slot", async () => {
  const inner = scripted(research("tides"), { text: "waiting" }, { text: "done" });
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => thread.manager,
    graph: () => buildGraph({ manager: thread.manager, model: inner }),
  });
  await using thread: TestThread = openThread({ tasks: [helper], limits: { concurrency: 1 } });
  const task = await thread.session.start(helper, { prompt: "help" });

  await thread.begun("tides");
  expect((await task.snapshot()).waiting).toBe("its tasks");
  await thread.finish("tides", thread.manager.session(`meanwhile-graph:${task.id}`));

  expect(await task.result()).toBe("done");
});

test("a cancel aborts the graph and cancels what it has started", async () => {
  const begun = Promise.withResolvers<AbortSignal | undefined>();
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph: graphOf(async (_, { signal }) => {
      const { id } = await manager.session(ownId()).start(() => new Promise(() => {}));
      childId = id;
      begun.resolve(signal);
      return new Promise(() => {});
    }),
  });
  let childId = "";
  let taskId = "";
  const ownId = (): string => `meanwhile-graph:${taskId}`;
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });
  manager.on("task-start", (event) => {
    if (event.name === "helper") taskId = event.taskId;
  });
  const task = await manager.session("a").start(helper, { prompt: "help" });
  const signal = await begun.promise;
  const ended = Promise.withResolvers<void>();
  manager.on("task-end", (event) => {
    if (event.taskId === childId) ended.resolve();
  });

  expect(await task.cancel("enough")).toBe(true);
  await ended.promise;

  expect(signal?.aborted).toBe(true);
  const child = await (await manager.session(ownId()).get(childId)).snapshot();
  expect(child).toMatchObject({
    status: "cancelled",
    error: { message: "the graph that started it has ended" },
  });
});

test("its time is limited by timeoutMs", async () => {
  const clock = virtualClock();
  const begun = Promise.withResolvers<void>();
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    timeoutMs: 5_000,
    manager: () => manager,
    graph: graphOf(() => {
      begun.resolve();
      return new Promise(() => {});
    }),
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper], clock });
  const task = await manager.session("a").start(helper, { prompt: "help" });
  const result = task.result();
  result.catch(() => {});
  await begun.promise;

  await clock.advance(5_000);

  await expect(result).rejects.toMatchObject({ code: "TIMEOUT" });
});

test.each(durabilities)("each of its steps is reported (durability %s)", async (durability) => {
  const graph = new StateGraph(State)
    .addNode("left", () => ({}))
    .addNode("right", () => ({}))
    .addNode("end", () => answer("done"))
    .addEdge(START, "left")
    .addEdge(START, "right")
    .addEdge(["left", "right"], "end")
    .compile({ checkpointer: new MemorySaver() });
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph,
    config: { durability },
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });
  const reports: unknown[] = [];
  manager.on("task-progress", ({ progress }) => reports.push(progress));

  await (await manager.session("a").start(helper, { prompt: "help" })).result();

  expect(reports).toEqual([
    { completed: 1, message: "left, right" },
    { completed: 2, message: "end" },
  ]);
});

test("an input of its own is mapped to the graph's, and its result from the state", async () => {
  const Sum = Annotation.Root({ numbers: Annotation<number[]>(), sum: Annotation<number>() });
  const graph = new StateGraph(Sum)
    .addNode("add", ({ numbers }) => ({ sum: numbers.reduce((total, one) => total + one, 0) }))
    .addEdge(START, "add")
    .compile({ checkpointer: new MemorySaver() });
  const helper = graphTask({
    name: "adder",
    description: "Adds.",
    manager: () => manager,
    graph,
    input: z.object({ first: z.number(), second: z.number().default(2) }),
    toInput: ({ first, second }) => ({ numbers: [first, second] }),
    result: ({ sum }) => ({ total: Number(sum) }),
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });

  const task = await manager.session("a").start(helper, { first: 1 });

  expect(await task.result()).toEqual({ total: 3 });
});

test("a graph that ends without an answer says what is missing", async () => {
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph: graphOf(() => ({})),
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });

  const task = await manager.session("a").start(helper, { prompt: "help" });

  await expect(task.result()).rejects.toThrow("Say by result");
});

test("the error of the graph is that of the task", async () => {
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph: graphOf(() => {
      throw new Error("the service is down");
    }),
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });

  const task = await manager.session("a").start(helper, { prompt: "help" });

  await expect(task.result()).rejects.toThrow("the service is down");
});

test("another attempt goes on where the one before failed", async () => {
  let firsts = 0;
  let seconds = 0;
  const graph = new StateGraph(State)
    .addNode("first", () => {
      firsts += 1;
      return answer("first");
    })
    .addNode("second", () => {
      seconds += 1;
      if (seconds === 1) throw new Error("down");
      return answer("second");
    })
    .addEdge(START, "first")
    .addEdge("first", "second")
    .compile({ checkpointer: new MemorySaver() });
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    retry: { attempts: 2, delayMs: 0 },
    manager: () => manager,
    graph,
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });

  const task = await manager.session("a").start(helper, { prompt: "help" });

  expect(await task.result()).toBe("second");
  expect([firsts, seconds]).toEqual([1, 2]);
});

test("a graph that asks a person fails, and says so", async () => {
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph: graphOf(() => answer(String(interrupt("may I?")))),
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });

  const task = await manager.session("a").start(helper, { prompt: "help" });

  await expect(task.result()).rejects.toThrow("Give graphTask an answer function");
});

test("or gets its answer from the function that is given, while it takes no slot", async () => {
  const asked = Promise.withResolvers<unknown>();
  const answered = Promise.withResolvers<string>();
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph: graphOf(() => answer(`${interrupt("may I?")}, ${interrupt("really?")}`)),
    answer: (question) => {
      asked.resolve(question);
      return question === "may I?" ? answered.promise : "yes, really";
    },
  });
  await using manager: BackgroundManager = new BackgroundManager({
    tasks: [helper],
    limits: { concurrency: 1 },
  });
  const session = manager.session("a");

  const task = await session.start(helper, { prompt: "help" });
  expect(await asked.promise).toBe("may I?");
  expect((await task.snapshot()).waiting).toBe("an answer");
  expect(await (await session.start(() => "meanwhile")).result()).toBe("meanwhile");
  answered.resolve("yes");

  expect(await task.result()).toBe("yes, yes, really");
});

test("questions of parallel nodes are each answered", async () => {
  const graph = new StateGraph(State)
    .addNode("left", () => answer(String(interrupt("left?"))))
    .addNode("right", () => answer(String(interrupt("right?"))))
    .addNode("end", ({ messages }) => answer(messages.map(({ text }) => text).join()))
    .addEdge(START, "left")
    .addEdge(START, "right")
    .addEdge(["left", "right"], "end")
    .compile({ checkpointer: new MemorySaver() });
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph,
    answer: (question) => `yes to ${question}`,
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });

  const task = await manager.session("a").start(helper, { prompt: "help" });

  expect(await task.result()).toBe("help,yes to left?,yes to right?");
});

test("with checkpoints in memory a graph whose process died is not begun a second time", async () => {
  const store = memoryStore();
  const begun = Promise.withResolvers<void>();
  let runs = 0;
  const make = (
    manager: () => BackgroundManager,
  ): TaskDefinition<{ prompt: string }, string, { prompt: string }> =>
    graphTask({
      name: "helper",
      description: "Helps.",
      manager,
      graph: graphOf(() => {
        runs += 1;
        begun.resolve();
        return new Promise(() => {});
      }),
    });
  const before = make(() => first);
  await using first: BackgroundManager = new BackgroundManager({ store, tasks: [before] });
  const { id } = await first.session("a").start(before, { prompt: "help" });
  await begun.promise;
  await first.close({ running: "leave" });

  const after = make(() => second);
  await using second: BackgroundManager = new BackgroundManager({ store, tasks: [after] });
  const task = await second.session("a").get(id);

  await expect(task.result()).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(runs).toBe(1);
});

test("the graph is told the signal's reason, as of a manager that closes", async () => {
  const begun = Promise.withResolvers<AbortSignal | undefined>();
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph: graphOf((_, { signal }) => {
      begun.resolve(signal);
      return new Promise(() => {});
    }),
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });
  await manager.session("a").start(helper, { prompt: "help" });
  const signal = await begun.promise;
  await manager.close();

  expect(signal?.aborted).toBe(true);
});

test("a graph without a checkpointer is refused at once", () => {
  const graph = new StateGraph(State)
    .addNode("n", () => ({}))
    .addEdge(START, "n")
    .compile();
  const make = (): unknown =>
    graphTask({ name: "a", description: "A.", manager: () => new BackgroundManager(), graph });

  expect(make).toThrow(MeanwhileError);
  expect(make).toThrow(/checkpointer/);
});

test("its thread is one of the checkpointer's like any other", async () => {
  const saver = new MemorySaver();
  const helper = graphTask({
    name: "helper",
    description: "Helps.",
    manager: () => manager,
    graph: graphOf(({ messages }) => answer(String(messages.length)), saver),
  });
  await using manager: BackgroundManager = new BackgroundManager({ tasks: [helper] });
  const task = await manager.session("a").start(helper, { prompt: "help" });
  await task.result();

  const thread = { configurable: { thread_id: `meanwhile-graph:${task.id}` } };
  const saved = await saver.getTuple(thread);
  expect(saved?.checkpoint.channel_values["messages"]).toMatchObject([
    { content: "help" },
    { content: "1" },
  ]);
  await saver.deleteThread(thread.configurable.thread_id);
  expect(await saver.getTuple(thread)).toBeUndefined();
});
