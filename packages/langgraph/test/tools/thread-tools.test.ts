import { AIMessage, ToolMessage } from "@langchain/core/messages";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { defineTask } from "@meanwhile/core";
import { expect, test } from "vitest";
import { threadTools } from "../../src/index.ts";
import { buildGraph } from "../support/graph.ts";
import { lines, research, say, scripted } from "../support/model.ts";
import { openThread } from "../support/thread.ts";

function callOf(
  name: string,
  args: object,
): { type: "tool_call"; id: string; name: string; args: Record<string, unknown> } {
  return { type: "tool_call", id: "call-1", name, args: { ...args } };
}

test("the tools have the names, descriptions and schemas of core, in its order, and are the same on every call", async () => {
  await using thread = openThread();
  const { manager, session } = thread;

  const tools = threadTools(manager);

  const core = session.tools();
  expect(tools.map(({ name, description, schema }) => ({ name, description, schema }))).toEqual(
    core.map(({ name, description, inputSchema }) => ({ name, description, schema: inputSchema })),
  );
  expect(threadTools(manager).map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
});

test("each call belongs to the thread of its run", async () => {
  await using thread = openThread();
  const { manager } = thread;
  const [tool] = threadTools(manager);
  const of = (id: string): object => ({ configurable: { thread_id: id } });

  await tool?.invoke(callOf("research", { topic: "tides" }), of("thread-1"));
  await tool?.invoke(callOf("research", { topic: "moon" }), of("thread-2"));

  expect((await manager.session("thread-1").list()).map(({ title }) => title)).toEqual(["tides"]);
  expect((await manager.session("thread-2").list()).map(({ title }) => title)).toEqual(["moon"]);
});

test("a message carries the task's id as its artifact", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const [tool] = threadTools(manager);

  const message: unknown = await tool?.invoke(callOf("research", { topic: "tides" }), config);

  const [task] = await session.list();
  expect(message).toBeInstanceOf(ToolMessage);
  expect(message).toMatchObject({
    name: "research",
    status: "success",
    tool_call_id: "call-1",
    artifact: { taskId: task?.id, isError: false },
  });
});

test.each([{ topic: 7 }, {}, { topic: "a", more: [] }])(
  "a bad call, %o, is answered in core's words, as an error, and starts nothing",
  async (args) => {
    await using thread = openThread();
    const { manager, config, session } = thread;
    const [tool] = threadTools(manager, {
      definitions: [
        defineTask({
          name: "strict",
          description: "s.",
          input: {
            type: "object",
            properties: { topic: { type: "string" } },
            required: ["topic"],
            additionalProperties: false,
          },
          run: () => "",
        }),
      ],
    });

    const message: unknown = await tool?.invoke(callOf("strict", args), config);

    expect(message).toMatchObject({
      status: "error",
      content: expect.stringContaining("INVALID_INPUT"),
      artifact: { isError: true },
    });
    expect(await session.list()).toEqual([]);
  },
);

test("called without a call's id, a tool gives its text", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const [tool] = threadTools(manager);

  expect(await tool?.invoke({ topic: "tides" }, config)).toContain("is running in the background");
  expect(await tool?.invoke({ topic: 7 }, config)).toContain("INVALID_INPUT");
});

test("a result that comes within its grace is the answer, and is not told again", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const quick = defineTask({
    name: "quick",
    description: "q.",
    input: { type: "object" },
    run: () => "at once",
  });
  const [tool] = threadTools(manager, { definitions: [quick], graceMs: 1_000 });

  const message: unknown = await tool?.invoke(callOf("quick", {}), config);

  expect(message).toMatchObject({ artifact: { ended: true } });
  expect(String((message as ToolMessage).content)).toContain("at once");
  expect(session.notifications.pending()).toBe(0);
});

test("a call in a run without a thread says what to do", async () => {
  await using thread = openThread();
  const [tool] = threadTools(thread.manager);

  await expect(tool?.invoke(callOf("research", { topic: "a" }), {})).rejects.toThrow("thread_id");
});

test("a node of tools runs parallel calls, each answered by its own task", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const node = new ToolNode(threadTools(manager));
  const calls = ["tides", "moon", "sun"].map((topic, at) => ({
    type: "tool_call" as const,
    id: `call-${at}`,
    name: "research",
    args: { topic },
  }));

  const { messages } = (await node.invoke(
    { messages: [new AIMessage({ content: "", tool_calls: calls })] },
    config,
  )) as { messages: ToolMessage[] };

  const ids = messages.map(({ artifact }) => (artifact as { taskId: string }).taskId);
  const titles = await Promise.all(ids.map(async (id) => (await session.get(id)).title));
  expect(titles).toEqual(["tides", "moon", "sun"]);
});

test("the model can inspect and cancel one task while others go on", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  let id = "";
  const tool = (name: string): { calls: { name: string; args: { task_id: string } }[] } => ({
    get calls() {
      return [{ name, args: { task_id: id } }];
    },
  });
  const model = scripted(
    research("tides", "moon"),
    { text: "waiting" },
    { calls: [{ name: "list_tasks" }] },
    tool("cancel_task"),
  );
  const graph = buildGraph({ manager, model });
  await graph.invoke(say("go"), config);
  id = (await session.list())[0]?.id ?? "";

  const { messages } = await graph.invoke(say("stop the first"), config);

  expect(lines(messages).at(-2)).toContain("Cancelled.");
  expect((await session.list()).map(({ status }) => status)).toEqual(["cancelled", "running"]);
  expect(session.notifications.pending()).toBe(0);
});
