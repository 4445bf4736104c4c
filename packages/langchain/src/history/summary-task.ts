import type { BaseMessage } from "@langchain/core/messages";
import type { Session } from "@meanwhile/core";
import type { Prefix } from "./prefix.ts";
import { type SummariseOptions, summarise } from "./summarise.ts";

/** A summary that is being made, as the thread's checkpoint holds it. */
export interface PendingSummary {
  readonly taskId: string;
  readonly prefix: Prefix;
}

export type SummaryOutcome =
  | { readonly status: "running" }
  | { readonly status: "ready"; readonly summary: string }
  | { readonly status: "failed"; readonly error: unknown };

/**
 * Nobody is told of its end: the thread looks for it before each model call. The same part is
 * summarised once, also for a run that was broken off before it was saved, and for two branches.
 */
export async function startSummary(
  session: Session,
  messages: readonly BaseMessage[],
  prefix: Prefix,
  options: SummariseOptions & { readonly attempt: number },
): Promise<PendingSummary> {
  const part = messages.slice(prefix.start, prefix.end);
  const task = await session.start(({ signal }) => summarise(part, options, signal), {
    title: "Summary of the conversation",
    notify: "never",
    idempotencyKey: `${prefix.digest}.${options.attempt}`,
  });
  return { taskId: task.id, prefix };
}

/** @param wait until it has ended, or the signal aborts, whose reason is then thrown */
export async function lookAtSummary(
  session: Session,
  { taskId }: PendingSummary,
  wait: boolean,
  signal: AbortSignal | undefined,
): Promise<SummaryOutcome> {
  try {
    const task = await session.get<string>(taskId);
    if (!wait) {
      const { status } = await task.snapshot();
      if (status === "queued" || status === "running") return { status: "running" };
    }
    const summary = await task.result(signal === undefined ? {} : { signal });
    return { status: "ready", summary };
  } catch (error) {
    signal?.throwIfAborted();
    // The model failed, its process died, it was deleted, or the manager is closed.
    return { status: "failed", error };
  }
}
