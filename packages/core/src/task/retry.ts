import type { Random } from "../clock/clock.ts";
import type { RetryOptions } from "./definition.ts";

/** Longest wait between two attempts: a day. */
const longestDelayMs = 86_400_000;

/** Milliseconds to wait after the given failed attempt, the first being 1. */
export function retryDelay(retry: RetryOptions, attempt: number, random: Random): number {
  const { delayMs = 1_000, backoff = 2, jitter = true } = retry;
  const full = Math.min(delayMs * backoff ** (attempt - 1), longestDelayMs);
  // "Equal jitter": half of the delay is certain, the other half spreads the herd.
  return Math.round(jitter ? full / 2 + (full / 2) * random() : full);
}
