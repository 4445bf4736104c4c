import { setTimeout as sleep } from "node:timers/promises";
import type { LanguageModel } from "ai";
import { streamOf } from "../server/stream-of.ts";
import { type Heard, hear } from "./heard.ts";

type Model = Extract<LanguageModel, { specificationVersion: "v4" }>;
type CallOptions = Parameters<Model["doStream"]>[0];
type StreamPart =
  Awaited<ReturnType<Model["doStream"]>>["stream"] extends ReadableStream<infer Part>
    ? Part
    : never;
type Content = Awaited<ReturnType<Model["doGenerate"]>>["content"][number];

export interface Reply {
  readonly text?: string;
  readonly calls?: readonly { readonly tool: string; readonly input: object }[];
}

/** What to say to a conversation. It goes by that alone, as a real model does. */
export type Script = (heard: readonly Heard[]) => Reply;

const thinkingMs = 300;
const wordMs = 30;

/** A stand-in for a model, which needs neither a key nor a network. Streams word by word. */
export function scriptedModel(script: Script): Model {
  return {
    specificationVersion: "v4",
    provider: "scripted",
    modelId: "scripted",
    supportedUrls: {},
    async doGenerate(options) {
      const reply = script(hear(options.prompt));
      return { content: contentOf(reply), ...ending(reply), warnings: [] };
    },
    async doStream(options) {
      return { stream: streamOf(parts(script(hear(options.prompt)), options)) };
    },
  };
}

function contentOf({ text, calls = [] }: Reply): Content[] {
  return [
    ...(text === undefined ? [] : [{ type: "text" as const, text }]),
    ...calls.map(({ tool, input }) => ({
      type: "tool-call" as const,
      toolCallId: crypto.randomUUID(),
      toolName: tool,
      input: JSON.stringify(input),
    })),
  ];
}

async function* parts(reply: Reply, { abortSignal }: CallOptions): AsyncGenerator<StreamPart> {
  const until = abortSignal === undefined ? {} : { signal: abortSignal };
  yield { type: "stream-start", warnings: [] };
  await sleep(thinkingMs, undefined, until);
  for (const part of contentOf(reply)) {
    if (part.type !== "text") {
      yield part as StreamPart;
      continue;
    }
    yield { type: "text-start", id: "text" };
    for (const delta of part.text.split(/(?<=\s)/)) {
      await sleep(wordMs, undefined, until);
      yield { type: "text-delta", id: "text", delta };
    }
    yield { type: "text-end", id: "text" };
  }
  yield { type: "finish", ...ending(reply) };
}

function ending({ calls = [] }: Reply) {
  const unified = calls.length > 0 ? ("tool-calls" as const) : ("stop" as const);
  return {
    finishReason: { unified, raw: undefined },
    usage: {
      inputTokens: { total: 0, noCache: 0, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 0, text: 0, reasoning: undefined },
    },
  };
}
