import { MeanwhileError } from "../errors.ts";

/** Of a timer of Node's; a longer one fires at once. */
const longestTimerMs = 2_147_483_647;

/**
 * Refuses what is no time for a timer, in milliseconds; undefined passes.
 *
 * @throws MeanwhileError `INVALID_OPTION`
 */
export function requireTimer(name: string, ms: number | undefined): void {
  if (ms === undefined || (ms >= 0 && ms <= longestTimerMs)) return;
  throw new MeanwhileError(
    "INVALID_OPTION",
    `${name} must be from 0 to ${longestTimerMs}; got ${ms}.`,
  );
}

/**
 * Refuses what is no whole number from 1; undefined passes.
 *
 * @throws MeanwhileError `INVALID_OPTION`
 */
export function requireCount(name: string, count: number | undefined): void {
  if (count === undefined || (Number.isInteger(count) && count >= 1)) return;
  throw new MeanwhileError("INVALID_OPTION", `${name} must be a whole number from 1.`);
}
