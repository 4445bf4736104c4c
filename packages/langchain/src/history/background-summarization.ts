import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BaseMessage, HumanMessage, RemoveMessage } from "@langchain/core/messages";
import { type BackgroundManager, MeanwhileError } from "@meanwhile/core";
import { type ThreadConfig, threadSession } from "@meanwhile/langgraph";
import { type AgentMiddleware, countTokensApproximately, createMiddleware } from "langchain";
import { z } from "zod/v4";
import { choosePrefix, holds, type Prefix } from "./prefix.ts";
import { checkSizes, type HistorySize, reaches, type TokenCounter } from "./size.ts";
import { defaultSummaryPrompt, type SummariseOptions } from "./summarise.ts";
import { lookAtSummary, type PendingSummary, startSummary } from "./summary-task.ts";

export interface BackgroundSummarizationOptions {
  /** Runs the summaries, each as a task that the agent neither sees nor is told of. */
  readonly manager: BackgroundManager;
  /** Writes the summary: a chat model, or its name as `createAgent` takes it. */
  readonly model: BaseChatModel | string;
  /** Begins a summary when the history reaches one of these; each needs all that it names. */
  readonly trigger: HistorySize | readonly HistorySize[];
  /** How much of the end stays as it is, at least. @default { messages: 20 } */
  readonly keep?: HistorySize;
  /** From here on a model call waits for the summary. @default twice the trigger */
  readonly hardLimit?: HistorySize | readonly HistorySize[];
  /** Counts what `tokens` compares. @default LangChain's `countTokensApproximately` */
  readonly tokenCounter?: TokenCounter;
  /** What the model is asked; `{messages}` stands for the conversation. @default a prompt of ours */
  readonly summaryPrompt?: string;
  /** Stands before the summary. @default "Here is a summary of the conversation to date:" */
  readonly summaryPrefix?: string;
  /** Most tokens that are given to the model, of the end of what is summarised. @default all */
  readonly trimTokensToSummarize?: number;
  /**
   * Called with why a summary failed: it is tried again when the history has grown, and the agent
   * goes on. @default console.error
   */
  readonly onError?: (error: unknown) => void;
}

/** What the checkpoint holds of summaries. */
interface SummaryState {
  readonly pending: PendingSummary | null;
  /** How many failed in a row. */
  readonly failures: number;
  /** How many messages there must be before the next try. */
  readonly retryAt: number;
}

const none: SummaryState = { pending: null, failures: 0, retryAt: 0 };

/**
 * Condenses the history while the agent goes on: a task summarises its older part, and the summary
 * takes the place of exactly that before the first model call that finds it ready. When that part
 * was changed meanwhile, or the run began from another checkpoint, the summary is dropped.
 *
 * @throws MeanwhileError `INVALID_OPTION`; in a run, for one that has no `thread_id`
 */
export function backgroundSummarization(
  options: BackgroundSummarizationOptions,
): AgentMiddleware<undefined, undefined, unknown, readonly []> {
  const {
    manager,
    model,
    keep = { messages: 20 },
    tokenCounter: countTokens = countTokensApproximately,
    summaryPrompt = defaultSummaryPrompt,
    summaryPrefix = "Here is a summary of the conversation to date:",
    trimTokensToSummarize,
    onError = (error) => console.error(error),
  } = options;
  const triggers = checkSizes(options.trigger, "trigger");
  const limits = checkSizes(options.hardLimit ?? triggers.map(twice), "hardLimit");
  checkSizes(keep, "keep");
  if (!summaryPrompt.includes("{messages}")) {
    throw new MeanwhileError(
      "INVALID_OPTION",
      "summaryPrompt must say where the conversation goes: {messages}.",
    );
  }
  const summarising: SummariseOptions = {
    model,
    summaryPrompt,
    countTokens,
    trimTokensToSummarize,
  };

  /** One look before a model call: the history is told as it should be from now on. */
  async function look(
    messages: readonly BaseMessage[],
    before: SummaryState,
    config: ThreadConfig & { readonly signal?: AbortSignal },
  ): Promise<{ readonly summaries: SummaryState; readonly messages?: BaseMessage[] }> {
    const session = manager.session(`meanwhile-summary:${threadSession(manager, config).id}`);
    let { pending } = before;
    if (pending !== null && !holds(messages, pending.prefix)) pending = null;
    if (pending === null) {
      const isDue =
        messages.length >= before.retryAt && (await reaches(messages, triggers, countTokens));
      const prefix = isDue ? await choosePrefix(messages, keep, countTokens) : undefined;
      if (prefix === undefined) return { summaries: { ...before, pending } };
      try {
        pending = await startSummary(session, messages, prefix, {
          ...summarising,
          attempt: before.failures,
        });
      } catch (error) {
        return { summaries: failed(error) };
      }
    }
    const wait = await reaches(messages, limits, countTokens);
    const outcome = await lookAtSummary(session, pending, wait, config.signal);
    if (outcome.status === "running") return { summaries: { ...before, pending } };
    if (outcome.status === "failed") return { summaries: failed(outcome.error) };
    const text = `${summaryPrefix}\n\n${outcome.summary}`;
    return { summaries: none, messages: swapIn(messages, pending.prefix, text) };

    function failed(error: unknown): SummaryState {
      onError(error);
      const failures = before.failures + 1;
      return { pending: null, failures, retryAt: messages.length + Math.min(2 ** failures, 64) };
    }
  }

  return createMiddleware({
    name: "MeanwhileSummarization",
    stateSchema: z.object({ _meanwhileSummaries: z.custom<SummaryState>().optional() }),
    async beforeModel(state, runtime) {
      const before = state._meanwhileSummaries ?? none;
      const { summaries, messages } = await look(state.messages, before, runtime);
      if (summaries === before && messages === undefined) return undefined;
      return { _meanwhileSummaries: summaries, ...(messages && { messages }) };
    },
  }) as unknown as AgentMiddleware<undefined, undefined, unknown, readonly []>;
}

/** The summary in the place of the first message, and the others gone: the rest is not touched. */
function swapIn(
  messages: readonly BaseMessage[],
  { start, end }: Prefix,
  text: string,
): BaseMessage[] {
  const [first, ...others] = messages.slice(start, end).map(({ id }) => id);
  return [
    new HumanMessage({
      ...(first !== undefined && { id: first }),
      content: text,
      additional_kwargs: { lc_source: "summarization" },
    }),
    ...others.flatMap((id) => (id === undefined ? [] : [new RemoveMessage({ id })])),
  ];
}

function twice({ messages, tokens }: HistorySize): HistorySize {
  return {
    ...(messages !== undefined && { messages: messages * 2 }),
    ...(tokens !== undefined && { tokens: tokens * 2 }),
  };
}
