import { canIdentifyProcesses } from "../platform.ts";
import type { Run } from "./end-run.ts";
import { findTree } from "./find-tree.ts";

/**
 * Whether something of a run goes on, whatever its record says, which a command may have changed.
 * False where it cannot be known.
 */
export async function isRunning({
  cgroup,
  marker,
}: Pick<Run, "cgroup" | "marker">): Promise<boolean> {
  if (cgroup !== undefined) return cgroup.isPopulated();
  return canIdentifyProcesses() && (await findTree(marker)).length > 0;
}
