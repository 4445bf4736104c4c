import type { ChatTransport, UIMessage, UIMessageChunk } from "ai";
import { expect, test } from "vitest";
import { listeningTransport } from "../../src/client.ts";

type Reconnect = ChatTransport<UIMessage>["reconnectToStream"];
const options = {
  trigger: "submit-message" as const,
  chatId: "chat-1",
  messageId: undefined,
  messages: [],
  abortSignal: undefined,
};
const listener = { chatId: "chat-1" };
const text = (id: string): UIMessageChunk => ({ type: "text-start", id });

/** A transport whose answer to a message is written by the test. */
function open(reconnectToStream: Reconnect) {
  const answer = new TransformStream<UIMessageChunk, UIMessageChunk>();
  const transport = listeningTransport({
    transport: { sendMessages: async () => answer.readable, reconnectToStream },
    retryMs: 1,
  });
  return { transport, writer: answer.writable.getWriter() };
}

test("what comes while an answer is read is shown behind it", async () => {
  const pushed = ReadableStream.from([text("pushed")]);
  const { transport, writer } = open(async () => pushed);
  const reader = (await transport.sendMessages(options)).getReader();
  const order: string[] = [];

  const listening = transport.reconnectToStream(listener).then((stream) => {
    order.push("pushed");
    return stream;
  });
  void writer.write(text("answer"));
  expect((await reader.read()).value).toEqual(text("answer"));
  void writer.close();
  order.push("answered");
  expect((await reader.read()).done).toBe(true);

  expect(await listening).toBe(pushed);
  expect(order).toEqual(["answered", "pushed"]);
});

test("an answer whose reader leaves, or that fails, does not hold up what comes", async () => {
  const pushed = ReadableStream.from([text("pushed")]);
  const left = open(async () => pushed);
  await (await left.transport.sendMessages(options)).cancel();
  expect(await left.transport.reconnectToStream(listener)).toBe(pushed);

  const broken = open(async () => pushed);
  const reader = (await broken.transport.sendMessages(options)).getReader();
  void broken.writer.abort(new Error("the line is down")).catch(() => {});
  await expect(reader.read()).rejects.toThrow("the line is down");
  expect(await broken.transport.reconnectToStream(listener)).toBe(pushed);
});

test("asks until something comes, also after failures", async () => {
  const pushed = ReadableStream.from([text("pushed")]);
  const answers: Reconnect[] = [
    async () => null,
    () => Promise.reject(new Error("the line is down")),
    async () => null,
    async () => pushed,
  ];
  const { transport } = open((given) => (answers.shift() as Reconnect)(given));

  expect(await transport.reconnectToStream(listener)).toBe(pushed);
  expect(answers).toEqual([]);
});

test("stops asking when it is closed, and when the chat stops it", async () => {
  const asked: Promise<void>[] = [];
  const hang: Reconnect = ({ abortSignal }) => {
    const aborted = new Promise<never>((_, reject) => {
      abortSignal?.addEventListener("abort", () => reject(abortSignal.reason));
    });
    asked.push(aborted.catch(() => {}));
    return aborted;
  };
  const { transport } = open(hang);
  const stop = new AbortController();
  const stopped = transport.reconnectToStream({ chatId: "1", abortSignal: stop.signal });
  stop.abort();
  expect(await stopped).toBeNull();

  const listening = transport.listen({
    status: "ready",
    resumeStream: async () => {
      await transport.reconnectToStream({ chatId: "1" });
    },
  });
  transport.close();
  await listening;
  await Promise.all(asked);
  expect(await transport.reconnectToStream({ chatId: "1" })).toBeNull();
});

test("listens again after it was closed, as when React mounts a page twice", async () => {
  const pushed = ReadableStream.from([text("pushed")]);
  const { transport } = open(async () => pushed);
  const given: unknown[] = [];
  const chat = {
    status: "ready",
    resumeStream: async () => {
      given.push(await transport.reconnectToStream({ chatId: "1" }));
      transport.close();
    },
  };

  transport.close();
  await transport.listen(chat);
  await transport.listen(chat);

  expect(given).toEqual([pushed, pushed]);
  expect(await transport.reconnectToStream({ chatId: "1" })).toBeNull();
});

test("waits longer and longer while a chat's turns fail", async () => {
  const { transport } = open(async () => null);
  const times: number[] = [];

  await transport.listen({
    status: "error",
    resumeStream: async () => {
      times.push(performance.now());
      if (times.length === 6) transport.close();
    },
  });

  expect((times[5] ?? 0) - (times[4] ?? 0)).toBeGreaterThanOrEqual(15);
});
