import { MeanwhileError } from "../errors.ts";
import { shown } from "../task/shown.ts";

/** @throws MeanwhileError `INVALID_OPTION` */
export function requireFunction(value: unknown, what: string): void {
  if (typeof value === "function") return;
  throw new MeanwhileError("INVALID_OPTION", `${what} must be a function; got ${shown(value)}.`);
}
