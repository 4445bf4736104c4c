import { MeanwhileError } from "@meanwhile/core";

/** @throws MeanwhileError `INVALID_OPTION` unless the value is a whole number from 1. */
export function requireWhole(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new MeanwhileError("INVALID_OPTION", `${name} must be a whole number from 1.`);
}
