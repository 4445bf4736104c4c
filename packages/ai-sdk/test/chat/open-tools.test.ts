import { isStepCount, streamText, type ToolSet, tool, type UIMessage } from "ai";
import { expect, test } from "vitest";
import { z } from "zod";
import type { RunCall } from "../../src/index.ts";
import { openChat, type TestChat } from "../support/chat.ts";
import { scripted, type Turn } from "../support/model.ts";

const inputSchema = z.object({});
const hang = tool({
  inputSchema,
  execute: (_, { abortSignal }) =>
    new Promise<string>((_resolve, reject) => {
      abortSignal?.addEventListener("abort", () => reject(abortSignal.reason));
    }),
});
/** Carried out in the browser. */
const locate = tool({ inputSchema, outputSchema: z.string() });

const question = (text: string): UIMessage => ({
  id: text,
  role: "user",
  parts: [{ type: "text", text }],
});

function stored(tools: ToolSet, turns: readonly Turn[]) {
  const { model, prompts } = scripted(turns);
  const state = { messages: [] as UIMessage[] };
  const options = {
    messages: () => state.messages,
    tools,
    stream: (call: RunCall) =>
      streamText({ model, tools, maxRetries: 0, stopWhen: isStepCount(5), ...call }),
    onEnd: ({ messages }: { messages: UIMessage[] }) => {
      state.messages = JSON.parse(JSON.stringify(messages)) as UIMessage[];
    },
  };
  const drain = async (stream: Promise<ReadableStream<unknown> | undefined>) =>
    (await stream)?.pipeTo(new WritableStream());
  return { state, prompts, options, drain };
}

async function stopInTool(chat: TestChat, turns: readonly Turn[]) {
  const abort = new AbortController();
  const stop = { meanwhile: () => setImmediate(() => abort.abort()) };
  const calls = [{ name: "hang", input: {} }];
  const opened = stored({ hang }, [{ calls, ...stop }, ...turns]);
  const { background } = chat;
  const { signal } = abort;
  await opened.drain(background.streamTurn({ ...opened.options, message: question("go"), signal }));
  return opened;
}

test("a tool that was stopped by the user has an end in the chat, so that results are pushed", async () => {
  await using chat = openChat();
  const { state, prompts, options, drain } = await stopInTool(chat, [{ text: "tides are in" }]);
  expect(state.messages[1]?.parts).toContainEqual(
    expect.objectContaining({ type: "tool-hang", state: "output-error" }),
  );

  await chat.settle("tides");
  await drain(chat.background.pushTurn({ ...options, timeoutMs: 1_000 }));

  expect(prompts[1]).toContain("assistant:call(hang)");
  expect(prompts[1]?.at(-2)).toMatch(/^tool:.*aborted/);
  expect(prompts[1]?.at(-1)).toContain("all about tides");
});

test("a user who writes on after stopping a tool is answered", async () => {
  await using chat = openChat();
  const { state, options, drain } = await stopInTool(chat, [{ text: "you are welcome" }]);

  await drain(chat.background.streamTurn({ ...options, message: question("thanks") }));

  expect(state.messages.at(-1)?.parts.at(-1)).toMatchObject({ text: "you are welcome" });
});

test("a user who writes on instead of answering a tool of the client's is answered", async () => {
  await using chat = openChat();
  const { state, prompts, options, drain } = stored({ locate }, [
    { text: "where?", calls: [{ name: "locate", input: {} }] },
    { text: "then not" },
    { text: "tides are in" },
  ]);
  const { background } = chat;

  await drain(background.streamTurn({ ...options, message: question("go") }));
  expect(state.messages[1]?.parts.at(-1)).toMatchObject({ state: "input-available" });
  await chat.settle("tides");
  expect(await background.pushTurn({ ...options, timeoutMs: 20 })).toBeUndefined();
  await drain(background.streamTurn({ ...options, message: question("never mind") }));
  await chat.settle("winds");
  await drain(background.pushTurn({ ...options, timeoutMs: 1_000 }));

  expect(prompts[1]?.slice(0, 3)).toEqual(["user:go", "assistant:where?", "user:never mind"]);
  expect(prompts[2]?.slice(0, 3)).toEqual(prompts[1]?.slice(0, 3));
  expect(state.messages).toHaveLength(5);
});
