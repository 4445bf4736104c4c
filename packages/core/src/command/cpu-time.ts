import { readFileSync } from "node:fs";
import { parseProcessorTicks } from "../proc/stat.ts";

/** Linux counts processor time in hundredths of a second (USER_HZ) on all of its usual platforms. */
const tickMs = 10;

/**
 * Milliseconds of processor time that the processes have used, with those of their children that
 * have ended. Ones that are gone count nothing; undefined when none can be read.
 */
export function cpuTime(pids: readonly number[]): number | undefined {
  const ticks = pids.map(ticksOf).filter((used) => used !== undefined);
  return ticks.length === 0 ? undefined : tickMs * ticks.reduce((sum, used) => sum + used, 0);
}

function ticksOf(pid: number): number | undefined {
  try {
    return parseProcessorTicks(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}
