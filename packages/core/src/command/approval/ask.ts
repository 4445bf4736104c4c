import type { Clock } from "../../clock/clock.ts";
import type { ApprovalRequest, Approve } from "./approval.ts";

/** What came of a question. `cause` is what the hook threw. */
export type Answer =
  | { readonly answer: "yes" }
  | { readonly answer: "no"; readonly cause?: unknown }
  | { readonly answer: "expired" };

/**
 * Asks once. Never settles when the signal aborts and the hook does not care; its own signal has
 * aborted then, and no timer is left.
 */
export async function ask(
  approve: Approve,
  request: ApprovalRequest,
  { signal, clock, timeMs }: { signal: AbortSignal; clock: Clock; timeMs: number },
): Promise<Answer> {
  const expiry = new AbortController();
  const { promise: expired, resolve: expire } = Promise.withResolvers<Answer>();
  const cancel = clock.timer(
    () => {
      expire({ answer: "expired" });
      expiry.abort(new Error("The question has expired."));
    },
    timeMs,
    true,
  );
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const wanted = AbortSignal.any([signal, expiry.signal]);
    return await Promise.race([answerOf(approve, request, wanted), expired]);
  } finally {
    cancel();
    signal.removeEventListener("abort", cancel);
  }
}

async function answerOf(
  approve: Approve,
  request: ApprovalRequest,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    return { answer: (await approve(request, { signal })) === true ? "yes" : "no" };
  } catch (cause) {
    return { answer: "no", cause };
  }
}
