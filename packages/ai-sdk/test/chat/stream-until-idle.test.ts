import {
  convertToModelMessages,
  type InferUIMessageChunk,
  isStepCount,
  readUIMessageStream,
  streamText,
  type TextStreamPart,
  ToolLoopAgent,
  type ToolSet,
  tool,
  type UIMessage,
} from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ChatRunOptions, RunCall, TaskDataParts } from "../../src/index.ts";
import { openChat, type TestChat, tellings } from "../support/chat.ts";
import { scripted, type Turn } from "../support/model.ts";

type Message = UIMessage<unknown, TaskDataParts>;
type Chunk = InferUIMessageChunk<Message>;

const question = (text: string, id = text): Message => ({
  id,
  role: "user",
  parts: [{ type: "text", text }],
});
const go = [question("go")];
const research = (topic: string) => ({ name: "research", input: { topic } });

function script(chat: TestChat, turns: readonly Turn[]) {
  const { model, prompts, hanging } = scripted(turns);
  const tools = chat.background.tools();
  const options = { maxRetries: 0, stopWhen: isStepCount(10), onError: () => {} };
  return {
    prompts,
    hanging,
    tools,
    stream: (call: RunCall) => streamText({ model, tools, ...options, ...call }),
  };
}

/** Runs it to its end, and gives what a client gets and what was saved. */
async function read(chat: TestChat, options: ChatRunOptions<Message>) {
  let saved: readonly Message[] = [];
  const stream = await chat.background.streamUntilIdle<Message>({
    ...options,
    onEnd: async (event) => {
      await options.onEnd?.(event);
      saved = event.messages;
    },
  });
  const chunks: Chunk[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return { chunks, saved };
}

async function messageOf(chunks: readonly Chunk[]): Promise<Message | undefined> {
  let last: Message | undefined;
  const stream = ReadableStream.from(chunks) as ReadableStream<Chunk>;
  for await (const message of readUIMessageStream<Message>({ stream })) last = message;
  return last;
}

const texts = (message: Message | undefined) =>
  message?.parts.flatMap((part) => (part.type === "text" ? [part.text] : []));

describe("streamUntilIdle", () => {
  test("is one message, whatever waits in between, and is saved as it was shown", async () => {
    await using chat = openChat();
    const { prompts, ...options } = script(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "it is done" },
    ]);

    const reading = read(chat, { messages: go, ...options });
    await chat.waited();
    await chat.finish("tides");
    const { chunks, saved } = await reading;

    const types = chunks.map(({ type }) => type);
    expect(types.filter((type) => type === "start" || type === "finish")).toEqual([
      "start",
      "finish",
    ]);
    expect(types[0]).toBe("start");
    expect(types.at(-1)).toBe("finish");
    const message = await messageOf(chunks);
    expect(texts(message)).toEqual(["it runs", "it is done"]);
    expect(message?.parts.map(({ type }) => type)).toContain("steering-message");
    expect(saved).toEqual([...go, message]);
    expect(tellings(prompts.at(-1) ?? [], "tides")).toBe(1);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("shows each task in one part that changes in place", async () => {
    await using chat = openChat();
    const { session } = chat.background;
    const { stream, tools } = script(chat, [{ text: "it runs" }, { text: "it is done" }]);
    const half = Promise.withResolvers<void>();
    const whole = Promise.withResolvers<void>();
    const task = await session.start(
      async ({ report, write }) => {
        await half.promise;
        report({ completed: 1, total: 2 });
        await write("\u001b[31mred\u001b[0m line");
        await whole.promise;
      },
      { title: "tides" },
    );

    let saved: readonly Message[] = [];
    const chunks: Chunk[] = [];
    const shown = await chat.background.streamUntilIdle<Message>({
      messages: go,
      stream,
      tools,
      onEnd: ({ messages }) => {
        saved = messages;
      },
    });
    for await (const chunk of shown ?? []) {
      chunks.push(chunk);
      if (chunk.type !== "data-task") continue;
      if (chunk.data.status === "running") half.resolve();
      if (chunk.data.tail !== "") whole.resolve();
    }

    const parts = chunks.flatMap((chunk) => (chunk.type === "data-task" ? [chunk] : []));
    expect(new Set(parts.map(({ id }) => id))).toEqual(new Set([task.id]));
    expect(parts[0]?.data).toMatchObject({ title: "tides", status: "running", tail: "" });
    expect(parts.at(-1)?.data).toMatchObject({
      id: task.id,
      status: "completed",
      progress: { completed: 1, total: 2 },
      tail: "red line",
      error: null,
    });
    expect(new Set(parts.map(({ data }) => JSON.stringify(data))).size).toBe(parts.length);
    const kept = saved.at(-1)?.parts.filter(({ type }) => type === "data-task");
    expect(kept).toHaveLength(1);
  });

  test("a chat that was saved and loaded goes on, and nothing is told twice", async () => {
    await using chat = openChat();
    const first = script(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "done" },
    ]);
    const reading = read(chat, { messages: go, ...first });
    await chat.waited();
    await chat.finish("tides");
    const { saved } = await reading;

    const loaded = JSON.parse(JSON.stringify(saved)) as Message[];
    const second = script(chat, [{ text: "yes" }]);
    const messages = [...loaded, question("and?")];
    await read(chat, { messages: () => Promise.resolve(messages), ...second });

    const before = first.prompts.at(-1) ?? [];
    expect(second.prompts[0]?.slice(0, before.length)).toEqual(before);
    expect(tellings(second.prompts[0] ?? [], "tides")).toBe(1);
  });

  test("what could not be saved is still owed", async () => {
    await using chat = openChat();
    await chat.settle("tides");

    await read(chat, {
      messages: go,
      ...script(chat, [{ text: "I see" }]),
      onEnd: () => Promise.reject(new Error("the disk is full")),
    }).catch(() => {});

    expect(await chat.background.session.notifications.wait()).toBe(true);
  });

  test("what the saved message does not hold is still owed, and not told for ever", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { stream, tools, prompts } = script(chat, [{ text: "I see" }, { text: "again" }]);

    const { chunks } = await read(chat, {
      messages: go,
      tools,
      stream(call) {
        const { stream: parts, steps, responseMessages } = stream(call);
        const without = new TransformStream<TextStreamPart<ToolSet>, TextStreamPart<ToolSet>>({
          transform(part, controller) {
            if (part.type !== "steering-message") controller.enqueue(part);
          },
        });
        return { stream: parts.pipeThrough(without), steps, responseMessages };
      },
      onError: (error) => String(error),
    });

    // One call, and no more: each would be paid.
    expect(prompts).toHaveLength(1);
    expect(chunks).toContainEqual({
      type: "error",
      errorText: expect.stringContaining("steering-message"),
    });

    expect(await chat.background.session.notifications.wait()).toBe(true);
  });

  test("runs on and is saved when its reader leaves", async () => {
    await using chat = openChat();
    const { stream, tools } = script(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "it is done" },
    ]);
    const saved = Promise.withResolvers<Message>();

    const chunks = await chat.background.streamUntilIdle<Message>({
      messages: go,
      stream,
      tools,
      onEnd: ({ responseMessage }) => {
        if (texts(responseMessage)?.length === 2) saved.resolve(responseMessage);
      },
    });
    void chunks?.cancel();
    await chat.waited();
    await chat.finish("tides");

    expect(texts(await saved.promise)).toEqual(["it runs", "it is done"]);
  });

  test("an error of the provider's is shown once, what it was told is owed, and shown once later", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const failing = script(chat, [{ fails: "down" }]);

    const { chunks, saved } = await read(chat, {
      messages: go,
      ...failing,
      onError: () => "Sorry.",
    });
    expect(chunks.filter(({ type }) => type === "error")).toEqual([
      { type: "error", errorText: "Sorry." },
    ]);
    expect(await chat.background.session.notifications.wait()).toBe(true);

    const second = script(chat, [{ text: "I see" }]);
    await read(chat, { messages: [...saved, question("again")], ...second });
    expect(tellings(second.prompts[0] ?? [], "tides")).toBe(1);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("aborted while it waits, and while the model is called", async () => {
    await using chat = openChat();
    const abort = new AbortController();
    const waiting = script(chat, [{ calls: [research("tides")] }, { text: "it runs" }]);
    const reading = read(chat, { messages: go, signal: abort.signal, ...waiting });
    await chat.waited();
    abort.abort();
    const { chunks, saved } = await reading;
    expect(chunks.filter(({ type }) => type === "abort")).toHaveLength(1);
    expect(texts(saved.at(-1))).toEqual(["it runs"]);
    await chat.finish("tides");
    expect(chat.background.session.notifications.pending()).toBe(1);

    const again = new AbortController();
    const hanging = script(chat, [{ hangs: true }]);
    const other = read(chat, { messages: go, signal: again.signal, ...hanging });
    await hanging.hanging;
    again.abort();
    expect((await other).chunks.filter(({ type }) => type === "abort")).toHaveLength(1);
    expect(await chat.background.session.notifications.wait()).toBe(true);
  });

  test("waits for its turn, and loads the messages then", async () => {
    await using chat = openChat();
    const begun = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    let stored = [question("go")];
    const wake = chat.background.session.turn(async () => {
      begun.resolve();
      await over.promise;
      stored = [
        ...stored,
        { id: "a", role: "assistant", parts: [{ type: "text", text: "pushed" }] },
      ];
    });
    await begun.promise;
    const { prompts, ...options } = script(chat, [{ text: "yes" }]);

    const reading = read(chat, { messages: () => [...stored, question("and?")], ...options });
    over.resolve();
    await Promise.all([wake, reading]);

    expect(prompts).toEqual([["user:go", "assistant:pushed", "user:and?"]]);
  });

  test("an approval that is pending ends it; when it is given, the same message goes on", async () => {
    await using chat = openChat();
    const deploy = tool({ inputSchema: z.object({}), execute: async () => "deployed" });
    const { model, prompts } = scripted([
      { calls: [{ name: "deploy", input: {} }], meanwhile: () => chat.settle("tides") },
      { text: "done" },
    ]);
    const options = {
      tools: { deploy },
      stream: (call: RunCall) =>
        streamText({
          model,
          tools: { deploy },
          toolApproval: { deploy: "user-approval" },
          stopWhen: isStepCount(5),
          ...call,
        }),
    };

    const { saved } = await read(chat, { messages: go, ...options });
    expect(chat.background.session.notifications.pending()).toBe(1);
    const approved = saved.map((message) => ({
      ...message,
      parts: message.parts.map((part) =>
        part.type === "tool-deploy" && part.state === "approval-requested"
          ? {
              ...part,
              state: "approval-responded" as const,
              approval: { ...part.approval, approved: true },
            }
          : part,
      ),
    })) as Message[];
    const after = await read(chat, { messages: saved, message: approved.at(-1), ...options });

    expect(after.saved).toHaveLength(2);
    expect(after.saved[1]?.id).toBe(saved[1]?.id);
    expect(texts(after.saved[1])).toEqual(["done"]);
    expect(tellings(prompts[1] ?? [], "tides")).toBe(1);
    expect((await convertToModelMessages([...after.saved])).map(({ role }) => role)).toContain(
      "tool",
    );
  });

  test("streams an agent", async () => {
    await using chat = openChat();
    const { model } = scripted([{ text: "hi" }]);
    const agent = new ToolLoopAgent({ model, tools: chat.background.tools() });

    const { saved } = await read(chat, { messages: go, stream: (call) => agent.stream(call) });

    expect(texts(saved.at(-1))).toEqual(["hi"]);
  });

  test("a failure before there is a stream is the caller's", async () => {
    await using chat = openChat();
    const options = script(chat, []);

    const failing = chat.background.streamUntilIdle<Message>({
      ...options,
      messages: () => Promise.reject(new Error("no such chat")),
    });

    await expect(failing).rejects.toThrow("no such chat");
  });

  test("streamTurn waits for no task", async () => {
    await using chat = openChat();
    const { stream, tools } = script(chat, [{ calls: [research("tides")] }, { text: "it runs" }]);

    const chunks: Chunk[] = [];
    const one = await chat.background.streamTurn<Message>({ messages: go, stream, tools });
    for await (const chunk of one ?? []) chunks.push(chunk);

    expect(texts(await messageOf(chunks))).toEqual(["it runs"]);
    expect((await chat.background.session.list())[0]?.status).toBe("running");
  });
});
