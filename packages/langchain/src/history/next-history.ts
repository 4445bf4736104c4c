import { type BaseMessage, HumanMessage, RemoveMessage } from "@langchain/core/messages";
import type { Session } from "@meanwhile/core";
import { choosePrefix, holds, type Prefix } from "./prefix.ts";
import { type HistorySize, reaches } from "./size.ts";
import type { SummariseOptions } from "./summarise.ts";
import { lookAtSummary, type PendingSummary, startSummary } from "./summary-task.ts";

/** What the checkpoint holds of summaries. */
export interface SummaryState {
  readonly pending: PendingSummary | null;
  /** How many failed in a row. */
  readonly failures: number;
  /** How many messages there must be before the next try. */
  readonly retryAt: number;
}

export const none: SummaryState = { pending: null, failures: 0, retryAt: 0 };

export interface SummaryPlan {
  /** Begin a summary, from one of these on. */
  readonly triggers: readonly HistorySize[];
  readonly keep: HistorySize;
  /** Wait for it, from one of these on. */
  readonly limits: readonly HistorySize[];
  /** Stands before the summary. */
  readonly prefix: string;
  readonly making: SummariseOptions;
  readonly onError: (error: unknown) => void;
}

/**
 * One look before a model call: begins a summary, or swaps in the one that is ready. Undefined when
 * nothing changes.
 *
 * @throws the signal's reason when it aborts
 */
export async function nextHistory(
  thread: {
    /** Of the summaries. */
    readonly session: Session;
    readonly messages: readonly BaseMessage[];
    readonly before: SummaryState;
  },
  { triggers, keep, limits, prefix: title, making, onError }: SummaryPlan,
  signal: AbortSignal | undefined,
): Promise<{ readonly state: SummaryState; readonly changes: BaseMessage[] } | undefined> {
  const { session, messages, before } = thread;
  const { countTokens } = making;
  let { pending } = before;
  if (pending !== null && !holds(messages, pending.prefix)) pending = null;
  if (pending === null) {
    const isDue =
      messages.length >= before.retryAt && (await reaches(messages, triggers, countTokens));
    const prefix = isDue ? await choosePrefix(messages, keep, countTokens) : undefined;
    if (prefix === undefined) return changed(pending);
    try {
      const attempt = before.failures;
      pending = await startSummary(session, messages, prefix, { ...making, attempt });
    } catch (error) {
      return failed(error);
    }
  }
  const wait = await reaches(messages, limits, countTokens);
  const outcome = await lookAtSummary(session, pending, wait, signal);
  if (outcome.status === "running") return changed(pending);
  if (outcome.status === "failed") return failed(outcome.error);
  const text = `${title}\n\n${outcome.summary}`;
  return { state: none, changes: swapIn(messages, pending.prefix, text) };

  function changed(now: PendingSummary | null) {
    return now === before.pending ? undefined : { state: { ...before, pending: now }, changes: [] };
  }

  function failed(error: unknown) {
    onError(error);
    const failures = before.failures + 1;
    const retryAt = messages.length + Math.min(2 ** failures, 64);
    return { state: { pending: null, failures, retryAt }, changes: [] };
  }
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
