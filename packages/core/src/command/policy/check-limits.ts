import { MeanwhileError } from "../../errors.ts";
import { requireWhole } from "../../task/durations.ts";
import type { CommandLimits } from "./limits.ts";
import { unknownKey } from "./unknown-key.ts";

const amounts = ["timeMs", "outputBytes", "openFiles", "processes", "cpuSeconds", "memoryBytes"];

/**
 * A frozen copy.
 *
 * Throws `INVALID_OPTION` when a field is not what it should be, or unknown.
 */
export function checkLimits(limits: CommandLimits): CommandLimits {
  if (typeof limits !== "object" || limits === null) throw invalid("limits must be an object.");
  const copy = { ...limits };
  const extra = unknownKey(copy, [...amounts, "overflow"]);
  if (extra !== undefined) {
    throw invalid(`limits has no ${extra}; it has ${amounts.join(", ")} and overflow.`);
  }
  for (const name of amounts) {
    requireWhole(copy[name as keyof CommandLimits], `limits.${name}`, "INVALID_OPTION", 1);
  }
  if (!["discard", "stop", undefined].includes(copy.overflow)) {
    throw invalid('limits.overflow must be "discard" or "stop".');
  }
  return Object.freeze(copy);
}

function invalid(message: string): MeanwhileError {
  return new MeanwhileError("INVALID_OPTION", message);
}
