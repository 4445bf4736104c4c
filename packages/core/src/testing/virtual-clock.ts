import type { Clock } from "../clock/clock.ts";

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /** Timers that are armed and have neither fired nor been cancelled. */
  readonly pendingTimers: number;
  /**
   * Moves the time on by `ms` and fires what becomes due on the way: in order of time, then of
   * arming, each at its own time. Before the first, after each and at the end it settles.
   */
  advance(ms: number): Promise<void>;
  /**
   * Lets promises and immediates run until no immediate is due. Immediates run in real turns of
   * the event loop, so real I/O goes on meanwhile; it is not waited for.
   */
  settle(): Promise<void>;
}

/** Where a virtual clock begins. */
export interface VirtualClockOptions {
  /**
   * Wall milliseconds since 1970.
   * @default 1_700_000_000_000
   */
  readonly start?: number;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  armed: boolean;
}

/** Drives the real code in tests: no test waits for time to pass. */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const start = options.start ?? 1_700_000_000_000;
  const timers: Timer[] = [];
  let elapsed = 0;
  let armed = 0;
  let immediates = 0;

  const settle = async (): Promise<void> => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (immediates > 0);
  };

  return {
    get pendingTimers() {
      return armed;
    },
    now: () => start + elapsed,
    monotonic: () => elapsed,
    timer(callback, delayMs) {
      const timer: Timer = { at: elapsed + Math.max(0, delayMs), callback, armed: true };
      timers.splice(placeAfter(timers, timer.at), 0, timer);
      armed += 1;
      return () => {
        if (timer.armed) armed -= 1;
        timer.armed = false;
      };
    },
    immediate(callback) {
      immediates += 1;
      setImmediate(() => {
        immediates -= 1;
        callback();
      });
    },
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (let next = timers[0]; next !== undefined && next.at <= end; next = timers[0]) {
        timers.shift();
        if (!next.armed) continue;
        next.armed = false;
        armed -= 1;
        // A timer may have been overtaken while an earlier one settled.
        elapsed = Math.max(elapsed, next.at);
        next.callback();
        await settle();
      }
      elapsed = Math.max(elapsed, end);
    },
    settle,
  };
}

/** The index behind all timers due at `at` or before. */
function placeAfter(timers: readonly Timer[], at: number): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timers[middle] as Timer).at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
