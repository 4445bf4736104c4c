import type { Clock } from "../../clock/clock.ts";

let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop that nobody else was given. Starting a process holds the
 * loop for milliseconds; many starts in one turn, or each in the `exit` handler of another, would
 * keep timers and everything else waiting.
 */
export function ownTurn(clock: Clock): Promise<void> {
  last = last.then(() => new Promise((resolve) => clock.immediate(resolve)));
  return last;
}
