import type { Activity } from "../task/activity.ts";
import { cpuTime } from "./cpu-time.ts";
import type { Run } from "./end/end-run.ts";
import { findTree } from "./end/find-tree.ts";
import { wrapperGroups } from "./end/run-group.ts";
import { canIdentifyProcesses } from "./platform.ts";
import { waitsForInput } from "./waits-for-input.ts";

/** What a running command's processes do; undefined where they cannot be seen. */
export async function commandActivity(
  run: Run,
  stdin: "open" | "closed",
): Promise<Activity | undefined> {
  if (!canIdentifyProcesses()) return undefined;
  const pids = await processIds(run);
  const cpuMs = cpuTime(pids);
  return {
    ...(cpuMs === undefined ? {} : { cpuMs }),
    waitsForInput: stdin === "open" && waitsForInput(pids),
  };
}

async function processIds({ files, marker, cgroup }: Run): Promise<readonly number[]> {
  if (cgroup !== undefined) return cgroup.members();
  const except = wrapperGroups(files);
  return (await findTree(marker, { except })).map(({ pid }) => pid);
}
