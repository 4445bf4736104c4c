import type { Clock } from "../../clock/clock.ts";

/** Lets a burst pass, and then so many in a time. */
export interface TokenBucket {
  /** Tokens that there are now; with a fraction while it fills. */
  available(): number;
  /** Takes one if there is a whole one. */
  take(): boolean;
}

export function createTokenBucket(
  clock: Clock,
  { burst, refillMs }: { readonly burst: number; readonly refillMs: number },
): TokenBucket {
  let tokens = burst;
  let countedAt = clock.monotonic();

  function available(): number {
    const now = clock.monotonic();
    tokens = Math.min(tokens + (now - countedAt) / refillMs, burst);
    countedAt = now;
    return tokens;
  }

  return {
    available,
    take() {
      if (available() < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
