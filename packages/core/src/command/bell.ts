import type { Clock } from "../clock/clock.ts";

/** Something that can be rung from anywhere and waited for in one place. */
export interface Bell {
  readonly ring: () => void;
  /** Resolves at the next ring, at once if it rang since the last wait, or after `delayMs`. */
  rung(delayMs: number): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  let rang = false;
  let wake = () => {};
  return {
    ring() {
      rang = true;
      wake();
    },
    async rung(delayMs) {
      if (!rang) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const cancel = clock.timer(resolve, delayMs, true);
        await promise;
        cancel();
      }
      rang = false;
    },
  };
}
