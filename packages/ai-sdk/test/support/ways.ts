import {
  generateText,
  isStepCount,
  type ModelMessage,
  streamText,
  ToolLoopAgent,
  type ToolSet,
} from "ai";
import type { MockLanguageModelV4 } from "ai/test";
import type { Attachment, CallResult } from "../../src/index.ts";

export interface Call {
  readonly model: MockLanguageModelV4;
  readonly tools?: ToolSet;
  readonly messages: ModelMessage[];
  readonly steps?: number;
  readonly toolApproval?: Readonly<Record<string, "user-approval">>;
}

/** A way to run a model's tool loop to its end. Rejects as the AI SDK does. */
export interface Way {
  readonly name: string;
  run(call: Call, attachment: Attachment): Promise<CallResult & { readonly text: string }>;
}

/** All that an attachment can be spread into. */
export const ways: readonly Way[] = [
  {
    name: "generateText",
    run: ({ steps = 10, ...call }, attachment) =>
      generateText({ ...call, maxRetries: 0, stopWhen: isStepCount(steps), ...attachment }),
  },
  {
    name: "streamText",
    run: ({ steps = 10, ...call }, attachment) =>
      finished(
        streamText({
          ...call,
          maxRetries: 0,
          stopWhen: isStepCount(steps),
          onError: () => {},
          ...attachment,
        }),
      ),
  },
  {
    name: "ToolLoopAgent.generate",
    run: ({ messages, ...call }, attachment) => agent(call).generate({ messages, ...attachment }),
  },
  {
    name: "ToolLoopAgent.stream",
    run: async ({ messages, ...call }, attachment) =>
      finished(await agent(call).stream({ messages, ...attachment })),
  },
];

function agent({ steps = 10, ...call }: Omit<Call, "messages">): ToolLoopAgent<never, ToolSet> {
  const { tools = {}, ...others } = call;
  return new ToolLoopAgent({
    ...others,
    tools,
    maxRetries: 0,
    stopWhen: isStepCount(steps),
    onError: () => {},
  });
}

type Streamed = Pick<
  ReturnType<typeof streamText>,
  "steps" | "responseMessages" | "text" | "consumeStream"
>;

/** Reads a stream to its end, and rejects where it failed. */
export async function finished(result: Streamed): Promise<CallResult & { readonly text: string }> {
  let failure: unknown;
  await result.consumeStream({
    onError: (error) => {
      failure = error;
    },
  });
  if (failure !== undefined) throw failure;
  return {
    steps: await result.steps,
    responseMessages: await result.responseMessages,
    text: await result.text,
  };
}
