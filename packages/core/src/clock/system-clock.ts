import type { Clock, Random } from "./clock.ts";

const longestDelayMs = 2 ** 31 - 1;

/** The platform's own time and timers: the default of a manager. */
export function systemClock(): Clock {
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    timer(callback, delayMs, keepAlive) {
      // Beyond the longest delay the platform would call back after one millisecond.
      const timeout = setTimeout(callback, Math.min(delayMs, longestDelayMs));
      if (!keepAlive) timeout.unref();
      return () => clearTimeout(timeout);
    },
    immediate(callback) {
      setImmediate(callback);
    },
  };
}

// One call into the platform costs as much as dozens of numbers, so it fills a pool.
const pool: Uint32Array<ArrayBuffer> = new Uint32Array(512);
let used: number = pool.length;

/** Uniform in [0, 1) with 53 bits, from the platform's cryptographic generator. */
export const systemRandom: Random = () => {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const high = (pool[used] as number) >>> 5;
  const low = (pool[used + 1] as number) >>> 6;
  used += 2;
  return (high * 2 ** 26 + low) / 2 ** 53;
};
