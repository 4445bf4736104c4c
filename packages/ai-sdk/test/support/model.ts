import { simulateReadableStream } from "ai";
import { MockLanguageModelV4 } from "ai/test";

type CallOptions = Parameters<MockLanguageModelV4["doGenerate"]>[0];
type Prompt = CallOptions["prompt"];
type StreamPart =
  Awaited<ReturnType<MockLanguageModelV4["doStream"]>>["stream"] extends ReadableStream<infer Part>
    ? Part
    : never;

/** One answer of the model's. */
export interface Turn {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly input: unknown }[];
  /** The provider refuses the call. */
  readonly fails?: string;
  /** The provider answers with an error in the place of an end. */
  readonly breaksOff?: boolean;
  /** It never answers, until it is aborted. */
  readonly hangs?: boolean;
  /** A stream that never ends behind its text, until it is aborted. */
  readonly stalls?: boolean;
  /** Called, and awaited, before it answers. */
  readonly meanwhile?: (prompt: Prompt) => unknown;
}

export interface ScriptedModel {
  readonly model: MockLanguageModelV4;
  /** What it was sent, each call as short lines: `user:text`, `assistant:call(name)`, `tool:…`. */
  readonly prompts: string[][];
  /** Resolves when a call hangs, or stalls. */
  readonly hanging: Promise<void>;
}

/** A model that gives these answers in this order, and refuses an order that providers refuse. */
export function scripted(turns: readonly Turn[]): ScriptedModel {
  const prompts: string[][] = [];
  const hanging = Promise.withResolvers<void>();
  let next = 0;

  async function answer({ prompt, abortSignal }: CallOptions): Promise<Turn> {
    checkOrder(prompt);
    prompts.push(prompt.map(brief));
    const turn = turns[next++];
    if (turn === undefined) throw new Error(`The script has only ${turns.length} answers.`);
    await turn.meanwhile?.(prompt);
    if (turn.hangs) {
      hanging.resolve();
      await aborted(abortSignal);
    }
    if (turn.fails !== undefined) throw new Error(turn.fails);
    return turn;
  }

  const model = new MockLanguageModelV4({
    doGenerate: async (options) => {
      const turn = await answer(options);
      const text = turn.text === undefined ? [] : [{ type: "text" as const, text: turn.text }];
      return {
        content: [...text, ...calls(turn, next)],
        finishReason: finishReason(turn),
        usage,
        warnings: [],
      };
    },
    doStream: async (options) => {
      const turn = await answer(options);
      const text: StreamPart[] =
        turn.text === undefined
          ? []
          : [
              { type: "text-start", id: "text" },
              { type: "text-delta", id: "text", delta: turn.text },
              { type: "text-end", id: "text" },
            ];
      const chunks: StreamPart[] = [
        { type: "stream-start", warnings: [] },
        ...text,
        ...calls(turn, next),
        ...(turn.breaksOff ? [{ type: "error" as const, error: new Error("broken off") }] : []),
        { type: "finish", finishReason: finishReason(turn), usage },
      ];
      if (turn.stalls) return { stream: stalling(text, options.abortSignal, hanging.resolve) };
      return {
        stream: simulateReadableStream({ chunks, initialDelayInMs: null, chunkDelayInMs: null }),
      };
    },
  });
  return { model, prompts, hanging: hanging.promise };
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal?.reason);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
  });
}

function stalling(
  text: readonly StreamPart[],
  signal: AbortSignal | undefined,
  stalled: () => void,
): ReadableStream<StreamPart> {
  return new ReadableStream({
    async start(controller) {
      controller.enqueue({ type: "stream-start", warnings: [] });
      for (const part of text) controller.enqueue(part);
      stalled();
      await aborted(signal).catch((error: unknown) => controller.error(error));
    },
  });
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

function calls(turn: Turn, number: number) {
  return (turn.calls ?? []).map(({ name, input }, index) => ({
    type: "tool-call" as const,
    toolCallId: `call-${number}-${index}`,
    toolName: name,
    input: JSON.stringify(input),
  }));
}

function finishReason(turn: Turn) {
  const called = (turn.calls ?? []).length > 0;
  const unified = turn.breaksOff ? "error" : called ? "tool-calls" : "stop";
  return { unified, raw: undefined } as const;
}

/** Every provider wants the answers right behind the calls, and something to answer at the end. */
function checkOrder(prompt: Prompt): void {
  let open = new Set<string>();
  for (const { role, content } of prompt) {
    if (role !== "tool" && open.size > 0) throw new Error("400: a tool call without its result");
    if (role === "assistant") {
      const called = content.filter((part) => part.type === "tool-call");
      open = new Set(called.map((part) => part.toolCallId));
    } else if (role === "tool") {
      for (const part of content) {
        if (part.type === "tool-result") open.delete(part.toolCallId);
      }
    }
  }
  const last = prompt.at(-1)?.role;
  if (open.size > 0 || (last !== "user" && last !== "tool")) {
    throw new Error(`400: the conversation ends with ${open.size > 0 ? "open calls" : last}`);
  }
}

function brief({ role, content }: Prompt[number]): string {
  if (typeof content === "string") return `${role}:${content}`;
  const parts = content.map((part) => {
    if (part.type === "text") return part.text;
    if (part.type === "tool-call") return `call(${part.toolName})`;
    if (part.type === "tool-result") {
      return "value" in part.output ? String(shown(part.output.value)) : part.output.type;
    }
    return part.type;
  });
  return `${role}:${parts.join("+")}`;
}

function shown(value: unknown): unknown {
  return typeof value === "string" ? value : JSON.stringify(value);
}
