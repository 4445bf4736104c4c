import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BackgroundManager, MeanwhileError } from "@meanwhile/core";
import { threadSession } from "@meanwhile/langgraph";
import { type AgentMiddleware, countTokensApproximately, createMiddleware } from "langchain";
import { z } from "zod/v4";
import { nextHistory, none, type SummaryState } from "./next-history.ts";
import { checkSizes, type HistorySize, type TokenCounter } from "./size.ts";
import { defaultSummaryPrompt } from "./summarise.ts";

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
  const summaries = {
    triggers,
    keep,
    limits,
    prefix: summaryPrefix,
    making: { model, summaryPrompt, countTokens, trimTokensToSummarize },
    onError,
  };

  return createMiddleware({
    name: "MeanwhileSummarization",
    stateSchema: z.object({ _meanwhileSummaries: z.custom<SummaryState>().optional() }),
    async beforeModel({ messages, _meanwhileSummaries: before = none }, runtime) {
      const thread = threadSession(manager, runtime).id;
      const session = manager.session(`meanwhile-summary:${thread}`);
      const next = await nextHistory({ session, messages, before }, summaries, runtime.signal);
      return next && { _meanwhileSummaries: next.state, messages: next.changes };
    },
  }) as unknown as AgentMiddleware<undefined, undefined, unknown, readonly []>;
}

function twice({ messages, tokens }: HistorySize): HistorySize {
  return {
    ...(messages !== undefined && { messages: messages * 2 }),
    ...(tokens !== undefined && { tokens: tokens * 2 }),
  };
}
