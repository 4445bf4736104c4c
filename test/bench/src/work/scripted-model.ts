import { simulateReadableStream } from "ai";
import { MockLanguageModelV4 } from "ai/test";

type CallOptions = Parameters<MockLanguageModelV4["doStream"]>[0];
export type Prompt = CallOptions["prompt"];

/** What the model answers: a text, or the input of one call of the tool `research`. */
export type Answer = { readonly text: string } | { readonly id: string; readonly input: object };

/** A model of which only the script takes time. */
export function scriptedModel(
  answer: (prompt: Prompt) => Answer | Promise<Answer>,
): MockLanguageModelV4 {
  return new MockLanguageModelV4({
    async doStream({ prompt }) {
      const given = await answer(prompt);
      const finish = "text" in given ? ("stop" as const) : ("tool-calls" as const);
      const chunks = [
        { type: "stream-start" as const, warnings: [] },
        ...("text" in given ? saidAs(given.text) : [calledWith(given)]),
        {
          type: "finish" as const,
          finishReason: { unified: finish, raw: undefined },
          usage,
        },
      ];
      return {
        stream: simulateReadableStream({ chunks, initialDelayInMs: null, chunkDelayInMs: null }),
      };
    },
  });
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

function saidAs(delta: string) {
  return [
    { type: "text-start" as const, id: "text" },
    { type: "text-delta" as const, id: "text", delta },
    { type: "text-end" as const, id: "text" },
  ];
}

function calledWith({ id, input }: { readonly id: string; readonly input: object }) {
  const toolName = "research";
  return { type: "tool-call" as const, toolCallId: id, toolName, input: JSON.stringify(input) };
}
