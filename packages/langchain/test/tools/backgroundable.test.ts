import { tool } from "@langchain/core/tools";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { createAgent, HumanMessage, ToolMessage } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod/v3";
import { backgroundable } from "../../src/index.ts";
import { say } from "../support/agent.ts";
import { scripted } from "../support/model.ts";
import { openThread, type TestThread } from "../support/thread.ts";

function slowTool() {
  const work = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<{ input: unknown; runtime: Record<string, unknown> }>();
  const slow = tool(
    async ({ question }: { question: string }, runtime) => {
      begun.resolve({ input: { question }, runtime: runtime as never });
      return `${await work.promise} to ${question}`;
    },
    {
      name: "slow",
      description: "Answers slowly.",
      schema: z.object({ question: z.string().trim() }),
    },
  );
  return { slow, begun: begun.promise, ...work };
}

/** One call of a tool by an agent: what the tool's message is. */
async function callOnce(
  thread: TestThread,
  given: Parameters<typeof createAgent>[0]["tools"],
  args: Record<string, unknown>,
  more: { signal?: AbortSignal; contextSchema?: z.ZodObject; context?: object } = {},
): Promise<ToolMessage> {
  const { contextSchema, ...config } = more;
  const { model } = scripted({ calls: [{ name: "slow", args }] }, { text: "ok" });
  const agent = createAgent({
    model,
    tools: given ?? [],
    checkpointer: new MemorySaver(),
    ...(contextSchema && { contextSchema }),
  });
  const { messages } = await agent.invoke({ messages: [new HumanMessage("go")] }, {
    ...thread.config,
    ...config,
  } as never);
  return messages.find((message) => ToolMessage.isInstance(message)) as ToolMessage;
}

describe("backgroundable", () => {
  test("without the flag the tool is what it was", async () => {
    await using thread = openThread();
    const { slow, resolve } = slowTool();
    resolve("yes");

    const message = await callOnce(thread, [backgroundable(slow, thread)], { question: " why " });

    expect(message).toMatchObject({ content: "yes to why", name: "slow", status: "success" });
    expect(await thread.session.list()).toEqual([]);
  });

  test("with it the call answers at once, and the result is owed as the tool gave it", async () => {
    await using thread = openThread();
    const { slow, begun, resolve } = slowTool();

    const message = await callOnce(thread, [backgroundable(slow, thread)], {
      question: " why ",
      background: true,
    });
    const [task] = await thread.session.list();
    resolve("yes");
    await thread.session.notifications.wait();

    expect(message.content).toMatch(/^Task t_\w+ \(slow\) is running in the background\./);
    expect(message.artifact).toEqual({ taskId: task?.id, isError: false });
    expect((await begun).input).toEqual({ question: "why" });
    expect((await thread.session.notifications.receive()).text).toContain("yes to why");
  });

  test("the work outlives the call, and gets of its run only values", async () => {
    await using thread = openThread();
    const { slow, begun } = slowTool();
    const abort = new AbortController();

    const always = backgroundable(slow, { ...thread, mode: "always" });
    const contextSchema = z.object({ user: z.string() });
    await callOnce(
      thread,
      [always],
      { question: "why" },
      { signal: abort.signal, contextSchema, context: { user: "ann" } },
    );
    abort.abort();
    const { runtime } = await begun;

    expect(runtime["signal"]).toMatchObject({ aborted: false });
    expect(runtime["context"]).toEqual({ user: "ann" });
    expect(runtime["toolCallId"]).toBe("call-1");
    expect(runtime["state"]).toMatchObject({ messages: expect.any(Array) });
    expect(runtime["configurable"] ?? {}).toEqual({});
    const [task] = await thread.session.list();
    await thread.session.cancel(task?.id ?? "");
    expect(runtime["signal"]).toMatchObject({ aborted: true });
  });

  test("what the tool streams becomes the task's output", async () => {
    await using thread = openThread();
    const chatty = tool(
      async (_input, runtime) => {
        (runtime as { writer?: (chunk: unknown) => void }).writer?.("half ");
        (runtime as { writer?: (chunk: unknown) => void }).writer?.({ done: 1 });
        return "ready";
      },
      { name: "slow", description: "Talks.", schema: z.object({}) },
    );

    await callOnce(thread, [backgroundable(chatty, thread)], { background: true });
    await thread.session.notifications.wait();
    const [task] = await thread.session.list();
    const handle = await thread.session.get(task?.id ?? "");

    expect((await handle.output()).text).toBe('half {"done":1}\n');
  });

  test("a result within the grace is the tool's own message, artifact included, and not told", async () => {
    await using thread = openThread();
    const pair = tool(async () => ["seven", { exact: 7 }], {
      name: "slow",
      description: "Counts.",
      schema: z.object({}),
      responseFormat: "content_and_artifact",
    });

    const patient = backgroundable(pair, { ...thread, mode: "always", graceMs: 60_000 });
    const message = await callOnce(thread, [patient], {});

    expect(message).toMatchObject({ content: "seven", artifact: { exact: 7 }, name: "slow" });
    expect(message.tool_call_id).toBe("call-1");
    expect(thread.session.notifications.pending()).toBe(0);
    expect(patient.responseFormat).toBe("content_and_artifact");
  });

  test("a failure within the grace is the tool's own; later it is told", async () => {
    await using thread = openThread();
    const failing = tool(
      async (): Promise<string> => {
        throw new Error("out of paper");
      },
      { name: "slow", description: "Prints.", schema: z.object({}) },
    );

    const soon = backgroundable(failing, { ...thread, mode: "always", graceMs: 60_000 });
    const message = await callOnce(thread, [soon], {});
    expect(message).toMatchObject({ status: "error" });
    expect(message.content).toMatch(/out of paper/);
    expect(thread.session.notifications.pending()).toBe(0);

    const late = backgroundable(failing, { ...thread, mode: "always" });
    await callOnce(thread, [late], {});
    await thread.session.notifications.wait();
    expect((await thread.session.notifications.receive()).text).toMatch(
      /kind="failed".*out of paper/s,
    );
  });

  test("an abort within the grace ends the wait, not the work", async () => {
    await using thread = openThread();
    const { slow, begun } = slowTool();
    const abort = new AbortController();
    void begun.then(() => abort.abort());

    const patient = backgroundable(slow, { ...thread, mode: "always", graceMs: 60_000 });
    await expect(
      patient.invoke({ question: "why" }, { ...thread.config, signal: abort.signal }),
    ).resolves.toMatch(/is running in the background/);

    expect((await thread.session.list())[0]?.status).toBe("running");
  });

  test("offers the flag to the model, whatever library the schema is of", async () => {
    await using thread = openThread();
    const options = { name: "slow", description: "Answers." };
    const schemas = [
      z.object({ question: z.string() }).refine(() => true),
      z3.object({ question: z3.string() }),
      {
        type: "object",
        properties: { question: { type: "string" } },
        required: ["question"],
      },
    ];
    for (const schema of schemas) {
      const given = tool(async () => "", { ...options, schema: schema as z.ZodObject });
      expect(backgroundable(given, thread).schema).toMatchObject({
        properties: { question: { type: "string" }, background: { type: "boolean" } },
        required: ["question"],
      });
    }
    const always = backgroundable(slowTool().slow, { ...thread, mode: "always" });
    expect(always.description).toMatch(/^Answers slowly\. Runs in the background/);
    expect(always.schema).toBeInstanceOf(z.ZodObject);
  });

  test("the tool never sees the flag", async () => {
    await using thread = openThread();
    const seen: unknown[] = [];
    const open = tool(
      async (input) => {
        seen.push(input);
        return "";
      },
      { name: "slow", description: "Takes anything.", schema: { type: "object" } as never },
    );

    await callOnce(thread, [backgroundable(open, thread)], { any: 1, background: false });
    await callOnce(thread, [backgroundable(open, thread)], { any: 2, background: true });
    await thread.session.notifications.wait();

    expect(seen).toEqual([{ any: 1 }, { any: 2 }]);
  });

  test("bad input is refused as the tool refuses it, and nothing is started", async () => {
    await using thread = openThread();
    const { slow } = slowTool();
    const call = (background: boolean) =>
      callOnce(thread, [backgroundable(slow, thread)], {
        question: 7,
        ...(background && { background }),
      });

    const refused = await call(true);

    expect(refused.content).toMatch(/expected string, received number/);
    const there = String((await call(false)).content);
    expect(String(refused.content).replace(',"background":true', "")).toBe(there);
    expect(await thread.session.list()).toEqual([]);
  });

  test("keeps all that others know of the tool", async () => {
    await using thread = openThread();
    const given = tool(async () => "", {
      name: "slow",
      description: "Answers.",
      schema: z.object({}),
      returnDirect: true,
      extras: { cache: true },
      metadata: { team: "red" },
      tags: ["blue"],
    });

    expect(backgroundable(given, thread)).toMatchObject({
      name: "slow",
      returnDirect: true,
      extras: { cache: true },
      metadata: { team: "red" },
      tags: ["blue"],
      lc_runnable: true,
    });
  });

  test("a tool that takes a text takes it in the background too", async () => {
    await using thread = openThread();
    const upper = tool(async (text: string) => text.toUpperCase(), {
      name: "slow",
      description: "Shouts.",
    });

    const { notifications } = thread.session;
    await backgroundable(upper, { ...thread, mode: "always" }).invoke("hey", thread.config);
    await notifications.wait();
    const first = await notifications.receive();
    await callOnce(thread, [backgroundable(upper, thread)], { input: "ho", background: true });
    await notifications.wait();

    expect(first.text).toContain("HEY");
    expect((await notifications.receive()).text).toContain("HO");
  });

  describe("a call that is made again, since a tool beside it asked a person,", () => {
    const ask = tool(() => String(interrupt("May I?")), {
      name: "ask",
      description: "Asks.",
      schema: z.object({}),
    });

    async function askedBeside(thread: TestThread, given: ReturnType<typeof slowTool>["slow"]) {
      const { model } = scripted(
        { calls: [{ name: "slow", args: { question: "why" } }, { name: "ask" }] },
        { text: "ok" },
      );
      const agent = createAgent({
        model,
        version: "v1", // all calls in one step, which is run again
        tools: [backgroundable(given, { ...thread, mode: "always" }), ask],
        checkpointer: new MemorySaver(),
      });
      await agent.invoke(say("go"), thread.config);
      return async () => {
        const { messages } = await agent.invoke(new Command({ resume: "yes" }), thread.config);
        return messages.find((message) => ToolMessage.isInstance(message));
      };
    }

    test("finds the task that runs", async () => {
      await using thread = openThread();
      const { slow, begun } = slowTool();
      const again = await askedBeside(thread, slow);
      await begun;

      expect((await again())?.text).toMatch(/is running in the background/);
      expect(await thread.session.list()).toHaveLength(1);
    });

    test("is answered with the result of one that has ended, which is not told again", async () => {
      await using thread = openThread();
      const { slow, resolve } = slowTool();
      const again = await askedBeside(thread, slow);
      resolve("yes");
      await thread.session.notifications.wait();

      const message = await again();

      expect(message).toMatchObject({ content: "yes to why", artifact: { ended: true } });
      expect(await thread.session.list()).toHaveLength(1);
      expect(thread.session.notifications.pending()).toBe(0);
    });
  });

  test("a Command has no effect in the background, and the task says so; in the grace it has", async () => {
    await using thread = openThread();
    const commanding = tool(
      async (_input, { toolCallId }: { toolCallId: string }) =>
        new Command({
          update: { messages: [new ToolMessage({ content: "set", tool_call_id: toolCallId })] },
        }),
      { name: "slow", description: "Sets.", schema: z.object({}) },
    );

    const soon = backgroundable(commanding, { ...thread, mode: "always", graceMs: 60_000 });
    expect((await callOnce(thread, [soon], {})).content).toBe("set");

    await callOnce(thread, [backgroundable(commanding, thread)], { background: true });
    await thread.session.notifications.wait();
    const { text } = await thread.session.notifications.receive();
    expect(text).toMatch(/kind="failed".*Command/s);
  });

  test("says what it cannot do", async () => {
    await using thread = openThread();
    const own = tool(async () => "", {
      name: "slow",
      description: "",
      schema: z.object({ background: z.string() }),
    });
    const invalid = expect.objectContaining({ code: "INVALID_OPTION" });

    expect(() => backgroundable(own, thread)).toThrow(invalid);
    expect(() => backgroundable({ type: "web_search" } as never, thread)).toThrow(invalid);
    expect(() => backgroundable(slowTool().slow, { ...thread, graceMs: -1 })).toThrow(invalid);
    const always = backgroundable(slowTool().slow, { ...thread, mode: "always" });
    await expect(always.invoke({ question: "why" })).rejects.toMatchObject(invalid);
  });
});
