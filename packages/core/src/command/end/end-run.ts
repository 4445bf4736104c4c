import type { Clock } from "../../clock/clock.ts";
import { isExhaustion } from "../../proc/exhaustion.ts";
import { canIdentifyProcesses } from "../platform.ts";
import type { RunFiles } from "../start/run-files.ts";
import type { Cgroup } from "./cgroup.ts";
import { endGroup, endTree } from "./end-tree.ts";
import { runGroup, wrapperGroups } from "./run-group.ts";

/** Milliseconds that a command has between TERM and KILL. */
export const graceMs = 5_000;
/** Milliseconds between looks at a command that is about to begin. */
const beginMs = 5;

/** A run of a command, and how its processes are known. */
export interface Run {
  readonly files: RunFiles;
  readonly marker: string;
  readonly cgroup: Cgroup | undefined;
  readonly clock: Clock;
}

/**
 * Ends everything that belongs to a run; afterwards nothing of it begins either. Its wrapper
 * outlives it to record how it ended.
 */
export async function endRun(run: Run, grace: number): Promise<void> {
  const { files, marker, cgroup, clock } = run;
  if (files.claimant() === undefined && claimFirst(files)) return;
  // Between its wrapper's claim and its beginning there is nothing to be found, and yet it comes.
  while (files.record().began === undefined && files.claimant()?.isAlive() === true) {
    await new Promise<void>((resolve) => void clock.timer(resolve, beginMs, true));
  }
  const { began, exit } = files.record();
  if (canIdentifyProcesses()) {
    const first = began?.process ?? undefined;
    await endTree({ marker, cgroup, clock, graceMs: grace, first, except: wrapperGroups(files) });
  } else if (exit === undefined) {
    const group = runGroup(files);
    if (group !== undefined) await endGroup(group, { clock, graceMs: grace });
  }
}

/** False also when somebody has removed or emptied the record, which says nothing of what runs then. */
function claimFirst(files: RunFiles): boolean {
  if (!files.exists()) return false;
  const isUntouched = files.isUntouched();
  try {
    return files.claim() && isUntouched;
  } catch (error) {
    if (isExhaustion(error)) throw error;
    // The disk is full, so that nobody can claim it.
    return false;
  }
}
