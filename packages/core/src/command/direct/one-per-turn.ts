import type { Clock } from "../../clock/clock.ts";

let last: Promise<unknown> = Promise.resolve();

/**
 * Does something in a turn of the event loop that nobody else is given, when what others do so has
 * been done. Starting a process holds the loop for milliseconds, and needs descriptors that others
 * would take meanwhile; many starts in one turn, or each in the `exit` handler of another, would
 * keep timers and everything else waiting.
 */
export function inOwnTurn<Value>(clock: Clock, work: () => Promise<Value>): Promise<Value> {
  const done = last
    .then(() => new Promise<void>((resolve) => clock.immediate(resolve)))
    .then(() => work());
  last = done.catch(() => {});
  return done;
}
