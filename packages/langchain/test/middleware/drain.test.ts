import { MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { createAgent, modelCallLimitMiddleware, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { meanwhileMiddleware } from "../../src/index.ts";
import { say } from "../support/agent.ts";
import { brief, scripted, type Turn } from "../support/model.ts";
import { openThread, type TestThread, tellings } from "../support/thread.ts";

type AgentOptions = Parameters<typeof createAgent>[0];

function openAgent(thread: TestThread, turns: readonly Turn[], more: Partial<AgentOptions> = {}) {
  const { model, ...script } = scripted(...turns);
  const { middleware = [], ...rest } = more;
  const agent = createAgent({
    model,
    middleware: [meanwhileMiddleware(thread), ...middleware],
    checkpointer: new MemorySaver(),
    ...rest,
  });
  return { agent, ...script };
}

const starts = (topic: string): Turn => ({ calls: [{ name: "research", args: { topic } }] });

describe("meanwhileMiddleware", () => {
  test("a task is started, and its end is told before the next model call, once", async () => {
    await using thread = openThread();
    const { agent, prompts } = openAgent(thread, [
      starts("tides"),
      { text: "it runs" },
      { text: "it is in" },
    ]);

    const first = await agent.invoke(say("look up the tides"), thread.config);
    await thread.finish("tides");
    const second = await agent.invoke(say("and?"), thread.config);

    expect(first.messages.map(brief)).toEqual([
      "human:look up the tides",
      "ai:call(research)",
      expect.stringMatching(/^tool:Task t_\w+ \(tides\) is/),
      "ai:it runs",
    ]);
    expect(prompts[2]?.slice(-2)).toEqual([
      "human:and?",
      expect.stringMatching(/^human:\[Automatic.*all about tides/s),
    ]);
    expect(second.messages.map(brief).at(-1)).toBe("ai:it is in");
    const third = await agent.invoke({ messages: [] }, thread.config);
    expect(tellings(third.messages.map(brief), "tides")).toBe(1);
    expect((await thread.session.notifications.receive()).notifications).toEqual([]);
  });

  test("what ends while tools run is told behind their answers", async () => {
    await using thread = openThread();
    const slow = tool(
      async () => {
        await thread.settle("tides");
        return "done";
      },
      { name: "slow", description: "Works.", schema: z.object({}) },
    );
    const { agent, prompts } = openAgent(
      thread,
      [{ calls: [{ name: "slow" }, { name: "list_tasks" }] }, { text: "ok" }],
      { tools: [slow] },
    );

    await agent.invoke(say("go"), thread.config);

    expect(prompts[1]).toEqual([
      "human:go",
      "ai:call(slow)+call(list_tasks)",
      "tool:done",
      expect.stringMatching(/^tool:/),
      expect.stringMatching(/^human:.*all about tides/s),
    ]);
  });

  test("several results at once are one message, in the order in which they came", async () => {
    await using thread = openThread();
    await thread.settle("tides", "winds", "moons");
    const { agent, prompts } = openAgent(thread, [{ text: "ok" }]);

    await agent.invoke(say("go"), thread.config);

    expect(prompts[0]).toHaveLength(2);
    expect(prompts[0]?.[1]).toMatch(/about tides.*about winds.*about moons/s);
  });

  test("tools called in parallel each start a task, and each end is told once", async () => {
    await using thread = openThread();
    const { agent, prompts } = openAgent(thread, [
      { calls: [...(starts("tides").calls ?? []), ...(starts("winds").calls ?? [])] },
      {
        text: "both run",
        meanwhile: async () => {
          await thread.finish("winds");
          await thread.finish("tides");
        },
      },
      { text: "ok" },
    ]);

    await agent.invoke(say("go"), thread.config);
    const { messages } = await agent.invoke(say("and?"), thread.config);

    expect(prompts[2]?.at(-1)).toMatch(/about winds.*about tides/s);
    for (const topic of ["tides", "winds"]) {
      expect(tellings(messages.map(brief), topic)).toBe(1);
    }
  });

  test("a tool that fails, and a task that is refused, are answered; what is owed comes behind", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const broken = tool(
      async (): Promise<string> => {
        throw new Error("no paper");
      },
      { name: "broken", description: "Fails.", schema: z.object({}) },
    );
    const { agent } = openAgent(
      thread,
      [
        { calls: [{ name: "broken" }, { name: "research", args: { topic: 7 } }] },
        { text: "sorry" },
      ],
      { tools: [broken] },
    );

    const { messages } = await agent.invoke(say("go"), thread.config);

    expect(messages.map(brief)).toEqual([
      "human:go",
      expect.stringMatching(/about tides/),
      "ai:call(broken)+call(research)",
      expect.stringMatching(/^tool:Error: no paper/),
      expect.stringMatching(/^tool:.*topic/),
      "ai:sorry",
    ]);
    expect(messages[4]).toMatchObject({ status: "error" });
    expect(await thread.session.list({ status: ["running", "queued"] })).toEqual([]);
  });

  test("a result that a tool has read is not told again", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const [task] = await thread.session.list();
    await thread.session.notifications.drain(() => {});
    await thread.settle("winds");
    const [, winds] = await thread.session.list();
    const { agent, prompts } = openAgent(thread, [
      {
        calls: [
          { name: "read_task", args: { task_id: task?.id } },
          { name: "read_task", args: { task_id: winds?.id } },
        ],
      },
      { text: "ok" },
      { text: "yes" },
    ]);

    await agent.invoke(say("go"), thread.config);
    await agent.invoke(say("and?"), thread.config);

    // Once by the notification that came first, and once by the tool that was asked.
    expect(tellings(prompts[2] ?? [], "winds")).toBe(2);
    expect(tellings(prompts[2] ?? [], "tides")).toBe(1);
  });

  test("a run with nothing new for the model ends without calling it", async () => {
    await using thread = openThread();
    const { agent, prompts } = openAgent(thread, [{ text: "hello" }]);
    await agent.invoke(say("hi"), thread.config);

    const { messages } = await agent.invoke({ messages: [] }, thread.config);

    expect(messages.map(brief)).toEqual(["human:hi", "ai:hello"]);
    expect(prompts).toHaveLength(1);
  });

  test("an empty input wakes a finished thread that is owed something", async () => {
    await using thread = openThread();
    const { agent, prompts } = openAgent(thread, [{ text: "hello" }, { text: "it is in" }]);
    await agent.invoke(say("hi"), thread.config);
    await thread.settle("tides");

    await agent.invoke({ messages: [] }, thread.config);

    expect(prompts[1]).toEqual(["human:hi", "ai:hello", expect.stringMatching(/about tides/)]);
  });

  test("threads are told of their own tasks alone", async () => {
    await using thread = openThread();
    const other = thread.manager.session("thread-2");
    await thread.settle("tides");
    const { agent, prompts } = openAgent(thread, [{ text: "ok" }, { text: "ok" }]);

    await agent.invoke(say("go"), { configurable: { thread_id: other.id } });
    expect(prompts[0]).toEqual(["human:go"]);
    await agent.invoke(say("go"), thread.config);
    expect(tellings(prompts[1] ?? [], "tides")).toBe(1);
  });

  test("what it keeps is private: not in the result, and not to be had from outside", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const { agent, prompts } = openAgent(thread, [{ text: "ok" }]);
    const [task] = await thread.session.list();

    const forged = { ...say("go"), _meanwhile: [`${task?.id}.end`] };
    const result = await agent.invoke(forged, thread.config);

    expect(Object.keys(result)).toEqual(["messages"]);
    expect(tellings(prompts[0] ?? [], "tides")).toBe(1);
  });

  test("the tools are the same objects on every call, behind the agent's own", async () => {
    await using thread = openThread();
    const own = tool(async () => "", { name: "own", description: "", schema: z.object({}) });
    const { agent, offered } = openAgent(thread, [{ text: "one" }, { text: "two" }], {
      tools: [own],
    });

    await agent.invoke(say("1"), thread.config);
    await agent.invoke(say("2"), { configurable: { thread_id: "thread-2" } });

    expect(offered[0]?.map((each) => (each as { name: string }).name)).toEqual([
      "own",
      "research",
      "list_tasks",
      "read_task",
      "wait_for_task",
      "send_to_task",
      "watch_task",
      "cancel_task",
    ]);
    expect(offered[1]?.every((each, index) => each === offered[0]?.[index])).toBe(true);
  });

  test("limits of other middleware hold, and what was not told stays owed", async () => {
    await using thread = openThread();
    const { agent, prompts } = openAgent(thread, [starts("tides"), { text: "never" }], {
      middleware: [
        modelCallLimitMiddleware({ runLimit: 1, exitBehavior: "end" } as never) as never,
      ],
    });

    await agent.invoke(say("go"), thread.config);
    await thread.finish("tides");

    expect(prompts).toHaveLength(1);
    expect(thread.session.notifications.pending()).toBe(1);
  });

  test("a run without a thread is refused, and says what to do", async () => {
    await using thread = openThread();
    const { agent } = openAgent(thread, [], { checkpointer: false });

    await expect(agent.invoke(say("go"))).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("thread_id"),
    });
  });

  test("without a checkpointer the caller's messages are the conversation", async () => {
    await using thread = openThread();
    const { model, prompts } = scripted({ text: "one" }, { text: "two" }, { text: "three" });
    const agent = createAgent({ model, middleware: [meanwhileMiddleware(thread)] });
    await thread.settle("tides");

    const { messages } = await agent.invoke(say("go"), thread.config);
    expect(tellings(prompts[0] ?? [], "tides")).toBe(1);

    // Forgotten: so it is told again.
    await agent.invoke(say("anew"), thread.config);
    expect(tellings(prompts[1] ?? [], "tides")).toBe(1);

    // Kept: so it is acknowledged.
    await agent.invoke({ messages: [...messages, ...say("and?").messages] }, thread.config);
    expect(tellings(prompts[2] ?? [], "tides")).toBe(1);
    await thread.clock.advance(3_600_000);
    expect(thread.session.notifications.pending()).toBe(0);
  });

  test("an agent that is a node of a graph is told there, and the graph keeps it", async () => {
    await using thread = openThread();
    const { model, prompts } = scripted({ text: "ok" }, { text: "again" });
    const agent = createAgent({ model, middleware: [meanwhileMiddleware(thread)] });
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("agent", agent.graph)
      .addEdge(START, "agent")
      .compile({ checkpointer: new MemorySaver() });
    await thread.settle("tides");

    await graph.invoke(say("go"), thread.config);
    const { messages } = await graph.invoke(say("and?"), thread.config);

    expect(tellings(prompts[0] ?? [], "tides")).toBe(1);
    expect(tellings(messages.map(brief), "tides")).toBe(1);
    expect((await thread.session.notifications.receive()).notifications).toEqual([]);
  });
});
