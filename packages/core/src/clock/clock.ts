/**
 * Everything that meanwhile knows of time. The system's clock is the default; `virtualClock()` of
 * `@meanwhile/core/testing` drives the same code in tests.
 */
export interface Clock {
  /** Wall time in milliseconds since 1970. May jump; used for deadlines that are stored. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never goes back; used for durations. */
  monotonic(): number;
  /**
   * Calls back once after `delayMs`, at most 2^31 - 1. With `keepAlive` false the timer does not
   * keep the process running. Returns what cancels it.
   */
  timer(callback: () => void, delayMs: number, keepAlive: boolean): () => void;
  /** Calls back in the next turn of the event loop. */
  immediate(callback: () => void): void;
}

/** Uniform numbers in [0, 1): for ids and for the jitter of retries. */
export type Random = () => number;
