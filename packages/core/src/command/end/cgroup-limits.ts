import { writeFileSync } from "node:fs";
import { basename, join } from "node:path/posix";
import type { CommandLimits } from "../policy/limits.ts";
import type { CgroupFolders } from "./cgroup-folders.ts";
import { makeGroup, removeGroup } from "./cgroup-tree.ts";

/** A limit on a whole tree, for which control groups are the place. */
export type TreeLimit = "processes" | "memoryBytes";

/** What control groups could do for the limits that were asked for. */
interface HeldLimits {
  readonly holds: ReadonlySet<TreeLimit>;
  /** Groups of version 1 that were made for it. */
  readonly folders: readonly string[];
}

/**
 * Sets the limits in the group where it has the controllers, else in one of the same name that is
 * made in the controller's hierarchy of version 1.
 */
export function holdLimits(
  tree: string,
  { pids, memory }: CgroupFolders,
  limits: CommandLimits,
): HeldLimits {
  const folders: string[] = [];
  const hold = (limit: TreeLimit, parent: string | undefined): boolean => {
    const value = limits[limit];
    if (value === undefined) return false;
    if (set(tree, unifiedFiles[limit], value)) return true;
    const folder = parent && makeGroup(join(parent, basename(tree)));
    if (folder === undefined) return false;
    if (set(folder, firstFiles[limit], value)) {
      folders.push(folder);
      return true;
    }
    removeGroup(folder);
    return false;
  };
  const holds = new Set<TreeLimit>();
  if (hold("processes", pids)) holds.add("processes");
  if (hold("memoryBytes", memory)) holds.add("memoryBytes");
  return { holds, folders };
}

/** The first must be there; the others where the kernel counts swap. Undefined: the limit itself. */
type Settings = readonly (readonly [file: string, value?: number])[];

const unifiedFiles: Readonly<Record<TreeLimit, Settings>> = {
  processes: [["pids.max"]],
  memoryBytes: [["memory.max"], ["memory.swap.max", 0], ["memory.oom.group", 1]],
};

const firstFiles: Readonly<Record<TreeLimit, Settings>> = {
  processes: [["pids.max"]],
  memoryBytes: [["memory.limit_in_bytes"], ["memory.memsw.limit_in_bytes"]],
};

function set(folder: string, settings: Settings, limit: number): boolean {
  return settings.every(([file, value = limit], index) => {
    try {
      writeFileSync(join(folder, file), String(value), { flag: "r+" });
      return true;
    } catch {
      return index > 0;
    }
  });
}
