import { MeanwhileError } from "../../errors.ts";
import type { CommandLimits } from "../policy/limits.ts";

/** A process starts with these only where a POSIX shell or a control group sets them. */
const notHeld = ["openFiles", "processes", "cpuSeconds", "memoryBytes"] as const;

/**
 * Refuses the limits that a command cannot be held to when it is started directly; those on time
 * and output are held by this process.
 *
 * Throws `INVALID_OPTION`.
 */
export function refuseLimits(limits: CommandLimits): void {
  const names = notHeld.filter((name) => limits[name] !== undefined);
  if (names.length === 0) return;
  const listed = names.map((name) => `limits.${name}`).join(", ");
  throw new MeanwhileError(
    "INVALID_OPTION",
    `The command cannot be run: ${listed} cannot be held on this system, which has no POSIX shell to set ${names.length === 1 ? "it" : "them"}. Leave ${names.length === 1 ? "it" : "them"} out, and limit time and output instead: timeMs, outputBytes.`,
  );
}
