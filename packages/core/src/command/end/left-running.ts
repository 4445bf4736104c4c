import type { Clock } from "../../clock/clock.ts";
import { canIdentifyProcesses } from "../platform.ts";
import type { Cgroup } from "./cgroup.ts";
import type { Run } from "./end-run.ts";
import { endGroup, endTree } from "./end-tree.ts";
import { findTree } from "./find-tree.ts";
import { groupExists } from "./processes.ts";
import { runGroup, wrapperGroups } from "./run-group.ts";

/** Milliseconds between TERM and KILL for what a command left running. */
export const leftoverGraceMs = 500;
/** What is gone after so many milliseconds was about to end by itself, as a sandbox's first process. */
const quickMs = 100;
const lookMs = 3;

/** How many processes of a command that has ended run on. */
export async function countLeft(run: Run): Promise<number> {
  const { files, marker, cgroup, clock } = run;
  if (cgroup !== undefined) return (await isEmptySoon(cgroup, clock)) ? 0 : cgroup.members().length;
  const group = runGroup(files);
  if (group === undefined || !groupExists(group)) return 0;
  if (!canIdentifyProcesses()) return 1;
  return (await findTree(marker, { except: wrapperGroups(files) })).length;
}

/** Ends them, and gives how many there were. Its wrapper sent TERM to the command's group. */
export async function endLeft(run: Run): Promise<number> {
  const { files, marker, cgroup, clock } = run;
  const count = await countLeft(run);
  if (count === 0) return 0;
  const askedGroup = runGroup(files);
  const except = wrapperGroups(files);
  if (canIdentifyProcesses()) {
    await endTree({ marker, cgroup, clock, graceMs: leftoverGraceMs, askedGroup, except });
  } else if (askedGroup !== undefined) {
    await endGroup(askedGroup, { clock, graceMs: leftoverGraceMs });
  }
  return count;
}

async function isEmptySoon(cgroup: Cgroup, clock: Clock): Promise<boolean> {
  for (const until = clock.monotonic() + quickMs; cgroup.isPopulated(); ) {
    if (clock.monotonic() >= until) return false;
    await new Promise<void>((resolve) => clock.timer(resolve, lookMs, true));
  }
  return true;
}
