import {
  asSchema,
  generateText,
  isStepCount,
  type ModelMessage,
  streamText,
  type ToolSet,
  tool,
} from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { isTaskStarted } from "../../src/index.ts";
import { openChat, type TestChat } from "../support/chat.ts";
import { scripted, type Turn } from "../support/model.ts";

const go: ModelMessage[] = [{ role: "user", content: "go" }];

function slowTool() {
  const work = Promise.withResolvers<string>();
  const seen: { input: unknown; aborted: boolean | undefined }[] = [];
  const begun = Promise.withResolvers<AbortSignal | undefined>();
  const slow = tool({
    description: "Answers slowly.",
    inputSchema: z.object({ question: z.string().trim() }),
    execute: async ({ question }, { abortSignal }) => {
      seen.push({ input: { question }, aborted: abortSignal?.aborted });
      begun.resolve(abortSignal);
      return { answer: `${await work.promise} to ${question}` };
    },
    toModelOutput: ({ output }) => ({ type: "text", value: `ANSWER ${output.answer}` }),
  });
  return { slow, seen, begun: begun.promise, ...work };
}

function call(chat: TestChat, tools: ToolSet, turns: readonly Turn[], signal?: AbortSignal) {
  const { model, prompts } = scripted(turns);
  const result = generateText({
    model,
    tools,
    messages: go,
    stopWhen: isStepCount(5),
    ...chat.background.attach({ ...(signal && { signal }) }),
  });
  return { result, prompts, model };
}

const ask = (input: object) => ({ calls: [{ name: "slow", input }] });

describe("backgroundable", () => {
  test("without the flag the tool is what it was", async () => {
    await using chat = openChat();
    const { slow, resolve } = slowTool();
    resolve("yes");

    const tools = { slow: chat.background.backgroundable(slow) };
    const { result, prompts } = call(chat, tools, [ask({ question: " why " }), { text: "ok" }]);

    expect((await result).steps[0]?.toolResults[0]?.output).toEqual({ answer: "yes to why" });
    expect(prompts[1]?.at(-1)).toBe("tool:ANSWER yes to why");
    expect(await chat.background.session.list()).toEqual([]);
  });

  test("with it the call answers at once, and the result is told as the tool shows it", async () => {
    await using chat = openChat();
    const { slow, resolve, seen } = slowTool();

    const tools = { slow: chat.background.backgroundable(slow) };
    const { result, prompts } = call(chat, tools, [
      ask({ question: "why", background: true }),
      {
        text: "meanwhile",
        meanwhile: async () => {
          resolve("yes");
          await chat.background.session.notifications.wait();
        },
      },
      { text: "ok" },
    ]);

    const output = (await result).steps[0]?.toolResults[0]?.output;
    expect(isTaskStarted(output) && output.taskId).toBe(
      (await chat.background.session.list())[0]?.id,
    );
    expect(prompts[1]?.at(-1)).toMatch(
      /^tool:Task t_\w+ \(Answers slowly.\) is running in the back/,
    );
    expect(prompts[2]?.at(-1)).toContain("ANSWER yes to why");
    expect(seen).toEqual([{ input: { question: "why" }, aborted: false }]);
  });

  test("the work outlives the call that began it", async () => {
    await using chat = openChat();
    const { slow, begun } = slowTool();
    const abort = new AbortController();

    const tools = { slow: chat.background.backgroundable(slow, { mode: "always" }) };
    const { result } = call(chat, tools, [ask({ question: "why" }), { text: "ok" }], abort.signal);
    await result;
    abort.abort();

    expect((await begun)?.aborted).toBe(false);
    const [task] = await chat.background.session.list();
    expect(task?.status).toBe("running");
    await chat.background.session.cancel(task?.id ?? "");
    expect((await begun)?.aborted).toBe(true);
  });

  test("a result within the grace is the tool's own, and is not told", async () => {
    await using chat = openChat();
    const { slow, resolve, begun } = slowTool();
    void begun.then(() => resolve("yes"));

    const tools = {
      slow: chat.background.backgroundable(slow, { mode: "always", graceMs: 60_000 }),
    };
    const { result, prompts } = call(chat, tools, [ask({ question: "why" }), { text: "ok" }]);

    expect((await result).steps[0]?.toolResults[0]?.output).toEqual({ answer: "yes to why" });
    expect(prompts[1]?.at(-1)).toBe("tool:ANSWER yes to why");
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("a failure within the grace is the tool's own, later it is told", async () => {
    await using chat = openChat();
    const failing = tool({
      inputSchema: z.object({}),
      execute: async (): Promise<string> => {
        throw new Error("out of paper");
      },
    });
    const { backgroundable, session } = chat.background;

    const soon = { slow: backgroundable(failing, { mode: "always", graceMs: 60_000 }) };
    const one = await call(chat, soon, [ask({}), { text: "ok" }]).result;
    const part = one.steps[0]?.content.find(({ type }) => type === "tool-error");
    expect(part).toMatchObject({ error: expect.objectContaining({ message: "out of paper" }) });
    expect(session.notifications.pending()).toBe(0);

    const late = { slow: backgroundable(failing, { mode: "always" }) };
    const { prompts, result } = call(chat, late, [
      ask({}),
      { text: "…", meanwhile: () => session.notifications.wait() },
      { text: "ok" },
    ]);
    await result;
    expect(prompts[2]?.at(-1)).toMatch(/kind="failed".*out of paper/s);
  });

  test("an abort within the grace ends the wait, not the work", async () => {
    await using chat = openChat();
    const { slow, begun } = slowTool();
    const abort = new AbortController();
    void begun.then(() => abort.abort());

    const wrapped = chat.background.backgroundable(slow, { mode: "always", graceMs: 60_000 });
    const output = await wrapped.execute?.(
      { question: "why" },
      {
        toolCallId: "a",
        messages: [],
        abortSignal: abort.signal,
        context: {},
      },
    );

    expect(isTaskStarted(output)).toBe(true);
    expect((await chat.background.session.list())[0]?.status).toBe("running");
  });

  test("keeps the hooks of streaming inputs and of approval, with the tool's own input", async () => {
    await using chat = openChat();
    const seen: unknown[] = [];
    const approve = tool({
      inputSchema: z.object({ to: z.string() }),
      needsApproval: (input) => {
        seen.push({ asked: input });
        return true;
      },
      onInputStart: () => void seen.push("start"),
      onInputAvailable: ({ input }) => void seen.push({ available: input }),
      execute: async ({ to }) => to,
    });
    const { model } = scripted([ask({ to: "moon", background: true })]);

    const tools = { slow: chat.background.backgroundable(approve) };
    const { steps } = streamText({ model, tools, messages: go, stopWhen: isStepCount(5) });
    const content = (await steps)[0]?.content ?? [];

    expect(seen).toContainEqual({ available: { to: "moon" } });
    expect(seen).toContainEqual({ asked: { to: "moon" } });
    expect(content.map(({ type }) => type)).toContain("tool-approval-request");
    expect(await chat.background.session.list()).toEqual([]);
  });

  test("streams preliminary outputs where it did, and gives the last in the background", async () => {
    await using chat = openChat();
    const counting = tool({
      inputSchema: z.object({}),
      async *execute() {
        yield 1;
        yield 2;
      },
    });
    const tools = { slow: chat.background.backgroundable(counting) };
    const { model } = scripted([ask({}), ask({ background: true }), { text: "ok" }]);
    const outputs: unknown[] = [];

    const { stream } = streamText({ model, tools, messages: go, stopWhen: isStepCount(3) });
    for await (const part of stream) {
      if (part.type === "tool-result" && !part.dynamic) outputs.push(part.output);
    }

    expect(outputs.slice(0, 3)).toEqual([1, 2, 2]);
    const [task] = await chat.background.session.list();
    const handle = await chat.background.session.get(task?.id ?? "");
    expect(await handle.result()).toBe(2);
  });

  test("offers the flag to the model, and refuses bad input as before", async () => {
    await using chat = openChat();
    const { slow } = slowTool();
    const { backgroundable } = chat.background;
    const question = {
      inputSchema: z.object({ question: z.string() }),
      execute: async () => "because",
    };

    const schema = asSchema(backgroundable(slow).inputSchema);
    expect(await schema.jsonSchema).toMatchObject({
      properties: { question: { type: "string" }, background: { type: "boolean" } },
      required: ["question"],
    });
    expect(await schema.validate?.({ question: 7, background: true })).toMatchObject({
      success: false,
    });
    const careful = tool({ ...question, strict: true });
    const strict = asSchema(backgroundable(careful).inputSchema);
    expect(await strict.jsonSchema).toMatchObject({ required: ["question", "background"] });
    const always = backgroundable(slow, { mode: "always" });
    expect(await asSchema(always.inputSchema).jsonSchema).toEqual(
      await asSchema(slow.inputSchema).jsonSchema,
    );
    expect(always.description).toMatch(/^Answers slowly\. Runs in the background/);
  });

  test("says what it cannot do", async () => {
    await using chat = openChat();
    const { backgroundable } = chat.background;
    const own = tool({ inputSchema: z.object({ background: z.string() }), execute: async () => 1 });
    const client = tool({ inputSchema: z.object({}), outputSchema: z.string() });

    await expect(
      (async () => asSchema(backgroundable(own as never).inputSchema).jsonSchema)(),
    ).rejects.toMatchObject({ code: "INVALID_OPTION" });
    expect(() => backgroundable(client)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
    expect(() => backgroundable(slowTool().slow, { graceMs: -1 })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });
});
