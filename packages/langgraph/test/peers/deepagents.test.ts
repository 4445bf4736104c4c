import { AIMessage, type ToolMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { type AnyDefinition, defineTask } from "@meanwhile/core";
import { expect, test } from "vitest";
import { createRunner, meanwhileState, threadTools } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, say, scripted } from "../support/model.ts";
import { openThread, type TestThread } from "../support/thread.ts";

// What the tests of deepagents' asynchronous sub-agents assert, where it makes sense here.

const none = { type: "object", properties: {} } as const;

function taskOf(name: string, run: () => unknown): AnyDefinition {
  return defineTask({ name, description: name, input: none, run });
}

/** Answers of tools, called as a node of a graph calls them. */
async function answers(
  { config }: TestThread,
  tools: readonly StructuredToolInterface[],
  ...calls: readonly { readonly name: string; readonly args?: Record<string, unknown> }[]
): Promise<ToolMessage[]> {
  const message = new AIMessage({
    content: "",
    tool_calls: calls.map(({ name, args = {} }, at) => ({
      type: "tool_call",
      id: `call-${at}`,
      name,
      args,
    })),
  });
  const node = new ToolNode([...tools]);
  const { messages } = await node.invoke({ messages: [message] }, config);
  return messages as ToolMessage[];
}

test("the reducer of the state merges, and does not mutate what it is given", () => {
  const known = Object.freeze(["a", "b"]) as string[];
  const added = Object.freeze(["b", "c"]) as string[];

  expect(meanwhileState._meanwhile.reducer(known, added)).toEqual(["a", "b", "c"]);
});

test("the start of an unknown agent is answered with an error, and the thread goes on", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const graph = buildGraph({ manager, model: scripted({ calls: [{ name: "no_such_agent" }] }) });

  const { messages } = await graph.invoke(say("go"), config);

  expect(lines(messages)[2]).toContain('"no_such_agent" not found');
  expect(lines(messages).at(-1)).toBe("ai:ok");
  expect(await session.list()).toEqual([]);
});

test.each([
  [
    "fails",
    () => Promise.reject(new Error("the service is down")),
    /kind="failed".*the service is down/s,
  ],
  ["gives nothing", () => undefined, /kind="completed"/],
  ["gives an empty text", () => "", /kind="completed"/],
])("an agent that %s is told as what it is", async (_, run, expected) => {
  const agent = taskOf("agent", run);
  await using thread = openThread({ tasks: [agent] });
  const { manager, config } = thread;
  const model = scripted({ calls: [{ name: "agent" }] });
  const graph = buildGraph({ manager, model });

  await createRunner(graph, { manager }).runUntilIdle(say("go"), config);

  const told = (await savedMessages(graph, config)).find(
    ({ additional_kwargs }) => "meanwhile" in additional_kwargs,
  );
  expect(told?.text).toMatch(expected);
});

test("cancelled and timed-out agents are told of", async () => {
  const slow = { ...taskOf("slow", () => new Promise(() => {})), timeoutMs: 5_000 };
  await using thread = openThread({ tasks: [slow] });
  const { manager, config, session, clock } = thread;
  const graph = buildGraph({
    manager,
    model: scripted({ calls: [{ name: "slow" }, { name: "slow" }] }),
  });
  const runner = createRunner(graph, { manager });
  const both = Promise.withResolvers<void>();
  let left = 2;
  session.notifications.subscribe(() => {
    left -= 1;
    if (left === 0) both.resolve();
  });
  await runner.invoke(say("go"), config);
  const [first] = await session.list();

  await session.cancel(first?.id ?? "", "by the operator");
  await clock.advance(5_000);
  await both.promise;
  await runner.wake("thread-1");

  const told = (await savedMessages(graph, config)).at(-2);
  expect(told?.text).toContain('kind="cancelled"');
  expect(told?.text).toContain("TIMEOUT");
});

test("a check of an unknown, a running, a successful and a failed task", async () => {
  await using thread = openThread({
    tasks: [
      taskOf("good", () => "fine"),
      taskOf("bad", () => Promise.reject(new Error("the service is down"))),
      taskOf("slow", () => new Promise(() => {})),
    ],
  });
  const { manager, session } = thread;
  const tools = threadTools(manager);
  const both = Promise.withResolvers<void>();
  let left = 2;
  session.notifications.subscribe(() => {
    left -= 1;
    if (left === 0) both.resolve();
  });
  const started = await answers(thread, tools, { name: "good" }, { name: "bad" }, { name: "slow" });
  await both.promise;
  const ids = started.map(({ artifact }) => (artifact as { taskId: string }).taskId);

  const checks = await answers(
    thread,
    tools,
    ...[...ids, "t_unknown"].map((id) => ({ name: "read_task", args: { task_id: id } })),
  );

  expect(checks.map(({ status }) => status)).toEqual(["success", "success", "success", "error"]);
  expect(checks.map(({ text }) => text)).toEqual([
    expect.stringContaining("fine"),
    expect.stringContaining("the service is down"),
    expect.stringContaining("running"),
    expect.stringContaining("UNKNOWN_TASK"),
  ]);
  expect(session.notifications.pending()).toBe(0);
});

test("the list is empty, then of live tasks, then of all", async () => {
  await using thread = openThread({ tasks: [taskOf("good", () => "fine")] });
  const { manager } = thread;
  const tools = threadTools(manager);
  const list = async (all: boolean): Promise<string> =>
    (await answers(thread, tools, { name: "list_tasks", args: { all } }))[0]?.text ?? "";

  const empty = await list(false);
  await thread.session.start(thread.research, { topic: "tides" });
  await thread.settle("moon");

  expect(empty).not.toContain("research");
  expect(await list(false)).toContain("tides");
  expect(await list(false)).not.toContain("moon");
  expect(await list(true)).toContain("moon");
});

test("a long result is cut, with a hint how to read it", async () => {
  await using thread = openThread({ tasks: [taskOf("long", () => "x".repeat(100_000))] });
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted({ calls: [{ name: "long" }] }) });

  await createRunner(graph, { manager }).runUntilIdle(say("go"), config);

  const told = (await savedMessages(graph, config)).find(
    ({ additional_kwargs }) => "meanwhile" in additional_kwargs,
  );
  expect(told?.text.length).toBeLessThanOrEqual(8_000);
  expect(told?.text).toContain("read_task has the whole");
});

test("an error of a drain is not swallowed: the run fails with it", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  const { receive } = session.notifications;
  await thread.settle("tides");
  session.notifications.receive = () => Promise.reject(new Error("the store is away"));

  await expect(graph.invoke(say("hi"), config)).rejects.toThrow("the store is away");
  session.notifications.receive = receive;

  expect(lines((await graph.invoke(say("again"), config)).messages)).toContain("told:tides");
});
