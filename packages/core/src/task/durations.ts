import { type ErrorCode, MeanwhileError } from "../errors.ts";
import { shown } from "./shown.ts";

/** Refuses what is no finite number of milliseconds from 0 up; undefined passes. */
export function requireDuration(
  value: unknown,
  what: string,
  code: ErrorCode = "INVALID_OPTION",
  options: { readonly positive?: boolean } = {},
): void {
  if (value === undefined) return;
  const least = options.positive === true ? 1 : 0;
  if (typeof value !== "number" || !Number.isFinite(value) || value < least) {
    throw new MeanwhileError(
      code,
      `${what} must be a finite number of milliseconds of at least ${least}; got ${shown(value)}.`,
    );
  }
}

/** Refuses what is no whole number of at least `least`; undefined passes. */
export function requireWhole(
  value: unknown,
  what: string,
  code: ErrorCode = "INVALID_OPTION",
  least = 0,
): void {
  if (value === undefined) return;
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new MeanwhileError(
      code,
      `${what} must be a whole number of at least ${least}; got ${shown(value)}.`,
    );
  }
}

/** A wall time `delayMs` from now; at the end of time where stores could not hold a later one. */
export function timeAfter(now: number, delayMs: number): number {
  return Math.min(now + delayMs, Number.MAX_SAFE_INTEGER);
}
