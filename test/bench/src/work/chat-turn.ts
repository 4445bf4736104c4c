import type { Background } from "@meanwhile/ai-sdk";
import {
  convertToModelMessages,
  isStepCount,
  streamText,
  toUIMessageStream,
  type UIMessage,
  type UIMessageChunk,
} from "ai";
import { scriptedModel } from "./scripted-model.ts";

type Turn = () => Promise<ReadableStream<UIMessageChunk>>;

const model = scriptedModel(() => ({ text: "I see." }));
const stopWhen = isStepCount(20);
const chat: UIMessage[] = Array.from({ length: 21 }, (_, index) => ({
  id: `${index}`,
  role: index % 2 === 0 ? "user" : "assistant",
  parts: [{ type: "text", text: `What was said as number ${index}.` }],
}));

/** A turn as a route without background tasks makes it. */
export const plainTurn: Turn = async () => {
  const messages = await convertToModelMessages(chat);
  return toUIMessageStream({ stream: streamText({ model, stopWhen, messages }).stream });
};

export function attachedTurn(background: Background): Turn {
  return async () => {
    const messages = await convertToModelMessages(chat);
    const options = { model, stopWhen, messages, ...background.attach() };
    return toUIMessageStream({ stream: streamText(options).stream });
  };
}

export function storedTurn(background: Background): Turn {
  return async () => {
    const stream = await background.streamTurn({
      messages: chat,
      stream: (call) => streamText({ model, stopWhen, ...call }),
    });
    if (stream === undefined) throw new Error("There was nothing to say.");
    return stream;
  };
}

/** Milliseconds to the first word. Reads on to the end. */
export async function firstToken(turn: Turn): Promise<number> {
  const begun = performance.now();
  let firstMs: number | undefined;
  for await (const { type } of await turn()) {
    if (type === "text-delta") firstMs ??= performance.now() - begun;
  }
  if (firstMs === undefined) throw new Error("The turn had no text.");
  return firstMs;
}
