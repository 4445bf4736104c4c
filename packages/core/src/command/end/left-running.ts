import { canIdentifyProcesses } from "../platform.ts";
import type { Run } from "./end-run.ts";
import { endGroup, endTree } from "./end-tree.ts";
import { findTree } from "./find-tree.ts";
import { groupExists } from "./processes.ts";
import { runGroup, wrapperGroups } from "./run-group.ts";

/** Milliseconds between TERM and KILL for what a command left running. */
export const leftoverGraceMs = 500;

/** How many processes of a command that has ended run on. */
export async function countLeft(run: Run): Promise<number> {
  const { files, marker, cgroup } = run;
  if (cgroup !== undefined) return cgroup.isPopulated() ? cgroup.members().length : 0;
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
