import { MemorySaver } from "@langchain/langgraph";
import { type AgentMiddleware, createAgent, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { backgroundable, meanwhileMiddleware } from "../../src/index.ts";
import { say } from "../support/agent.ts";
import { brief, type ScriptedModel, scripted } from "../support/model.ts";
import { openThread, type TestThread, tellings } from "../support/thread.ts";

/** A tool that hands its question to an agent of its own. */
function asking(sub: ScriptedModel, middleware: AgentMiddleware[], checkpointer = false) {
  const agent = createAgent({
    name: "sub",
    model: sub.model,
    middleware,
    ...(checkpointer && { checkpointer: new MemorySaver() }),
  });
  return tool(async () => (await agent.invoke(say("sub question"))).messages.at(-1)?.text ?? "", {
    name: "ask",
    description: "Asks another agent.",
    schema: z.object({}),
  });
}

/** What a run shows: its streams, callbacks and checkpoints. */
async function watch(thread: TestThread, main: ScriptedModel, given: ReturnType<typeof asking>) {
  const checkpointer = new MemorySaver();
  const agent = createAgent({
    model: main.model,
    tools: [given],
    middleware: [meanwhileMiddleware(thread)],
    checkpointer,
  });
  const models: string[] = [];
  const seen: string[] = [];
  const stream = await agent.stream(say("go"), {
    ...thread.config,
    streamMode: ["updates", "messages", "custom"],
    subgraphs: true,
    callbacks: [
      {
        handleChatModelStart: (_model: unknown, messages: { text: string }[][]) =>
          void models.push(messages.flat().at(-1)?.text ?? ""),
      },
    ],
  } as never);
  for await (const chunk of stream) seen.push(JSON.stringify(chunk));
  const namespaces = new Set<string>();
  for await (const { config } of checkpointer.list(thread.config)) {
    namespaces.add(config.configurable?.["checkpoint_ns"] ?? "");
  }
  return { models, seen, namespaces: [...namespaces], agent };
}

describe("an agent that a tool invokes", () => {
  test("is told nothing of the thread's; what it starts is told to the thread", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const sub = scripted(
      {
        calls: [{ name: "research", args: { topic: "winds" } }],
        meanwhile: () => thread.settle("moons"),
      },
      { text: "sub answer" },
    );
    const main = scripted({ calls: [{ name: "ask" }] }, { text: "ok" }, { text: "two" });
    const middleware = meanwhileMiddleware(thread) as AgentMiddleware;
    const agent = createAgent({
      model: main.model,
      tools: [asking(sub, [middleware])],
      middleware: [middleware],
      checkpointer: new MemorySaver(),
    });

    await agent.invoke(say("go"), thread.config);
    await thread.finish("winds");
    await agent.invoke(say("and?"), thread.config);

    expect(sub.prompts.flat().filter((line) => line.includes("all about"))).toEqual([]);
    const last = main.prompts.at(-1) ?? [];
    for (const topic of ["tides", "moons", "winds"]) expect(tellings(last, topic)).toBe(1);
    expect((await thread.session.notifications.receive()).notifications).toEqual([]);
  });

  test("and that is in the background leaks no stream, callback or checkpoint into the run", async () => {
    await using thread = openThread();
    const go = Promise.withResolvers<void>();
    const sub = scripted(
      { calls: [{ name: "list_tasks" }], meanwhile: () => go.promise },
      { text: "SUB ANSWER" },
    );
    const main = scripted(
      { calls: [{ name: "ask" }] },
      {
        text: "meanwhile",
        meanwhile: async () => {
          go.resolve();
          await thread.session.notifications.wait();
        },
      },
      { text: "ok" },
    );
    const given = asking(sub, [meanwhileMiddleware(thread) as AgentMiddleware]);
    const own = backgroundable(given, { ...thread, mode: "always" });

    const { models, seen, namespaces } = await watch(thread, main, own as typeof given);

    expect(models).toEqual(["go", expect.stringMatching(/^Task t_\w+ \(ask\) is running/)]);
    expect(seen.filter((chunk) => chunk.includes("SUB ANSWER"))).toEqual([]);
    expect(seen.filter((chunk) => chunk.includes("sub question"))).toEqual([]);
    expect(namespaces).toEqual([""]);
  });

  test("has no thread in the background unless it is given one", async () => {
    await using thread = openThread();
    const sub = scripted();
    const given = asking(sub, [meanwhileMiddleware(thread) as AgentMiddleware]);

    await backgroundable(given, { ...thread, mode: "always" }).invoke({}, thread.config);
    await thread.session.notifications.wait();

    expect((await thread.session.notifications.receive()).text).toMatch(
      /kind="failed".*this run has none/s,
    );
  });

  test("and has a thread of its own is told of its own tasks", async () => {
    await using thread = openThread();
    const sub = scripted(
      { calls: [{ name: "research", args: { topic: "winds" } }] },
      { calls: [{ name: "list_tasks" }], meanwhile: () => finish() },
      { text: "sub answer" },
    );
    const own = thread.manager.session("sub-1");
    const finish = async (): Promise<void> => {
      await thread.finish("winds", undefined, own);
    };
    const agent = createAgent({
      model: sub.model,
      middleware: [meanwhileMiddleware(thread)],
    });
    const ask = tool(
      async () => {
        const config = { configurable: { thread_id: own.id } };
        return (await agent.invoke(say("sub question"), config)).messages.at(-1)?.text ?? "";
      },
      { name: "ask", description: "Asks.", schema: z.object({}) },
    );
    const main = scripted({ calls: [{ name: "ask" }] }, { text: "ok" });
    const parent = createAgent({
      model: main.model,
      tools: [ask],
      middleware: [meanwhileMiddleware(thread)],
      checkpointer: new MemorySaver(),
    });

    const { messages } = await parent.invoke(say("go"), thread.config);

    expect(tellings(sub.prompts[2] ?? [], "winds")).toBe(1);
    expect(tellings(messages.map(brief), "winds")).toBe(0);
  });
});
