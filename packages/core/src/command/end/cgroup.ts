import { existsSync } from "node:fs";
import { basename, join } from "node:path/posix";
import type { CommandLimits } from "../policy/limits.ts";
import { contains, ownCgroupFolders } from "./cgroup-folders.ts";
import { groupPrefix } from "./cgroup-leftovers.ts";
import { holdLimits, type TreeLimit } from "./cgroup-limits.ts";
import { cgroupProbe } from "./cgroup-probe.ts";
import {
  isPopulated,
  killGroup,
  listMembers,
  makeGroupSoon,
  removeGroup,
  removeGroupSoon,
} from "./cgroup-tree.ts";

/**
 * A control group of one command: what starts in it cannot leave it without the right to, and all
 * of it can be listed and killed at once.
 */
export interface Cgroup {
  /** Names it for `openCgroup`, also in another process. */
  readonly path: string;
  /**
   * Files to each of which a process writes `0`, in this order, to join. When one cannot be
   * written, the group was removed, and the process must not become the command.
   */
  readonly join: readonly string[];
  /** The limits that the group itself holds. */
  readonly holds: ReadonlySet<TreeLimit>;
  /** The ids of its processes, those in groups made inside it included. */
  members(): readonly number[];
  /** Whether it has a process. Zombies do not count; when it cannot be known, true. */
  isPopulated(): boolean;
  /** Begins to kill all its processes; they are gone when it is no longer populated. */
  kill(): void;
  /**
   * Removes it and the groups inside it; from then on nobody can join. False when it still exists,
   * say because it is populated.
   */
  remove(): boolean;
  /** The same for one that is taken to be empty, without holding up this thread. */
  removeSoon(): Promise<boolean>;
}

/**
 * Makes a group inside that of this process, so that every limit on us is a limit on it. Undefined
 * where none can be had. `name` must be unique on the machine.
 */
export async function createCgroup(
  name: string,
  limits: CommandLimits,
): Promise<Cgroup | undefined> {
  const base = await cgroupProbe();
  if (base.unified === undefined) return undefined;
  const tree = await makeGroupSoon(join(base.unified, groupPrefix + name));
  if (tree === undefined) return undefined;
  const { holds, folders } = holdLimits(tree, base, limits);
  return cgroup([tree, ...folders], holds);
}

/**
 * Opens the group of a command that another manager started. Undefined when nothing is left of it,
 * or when this process is in it itself.
 */
export function openCgroup(path: string): Cgroup | undefined {
  const folders = path.split(separator);
  const own = ownCgroupFolders();
  const [tree] = folders;
  const usable =
    folders.every((folder) => basename(folder).startsWith(groupPrefix)) &&
    folders.some((folder) => existsSync(folder)) &&
    tree !== undefined &&
    !(own.unified !== undefined && contains(tree, own.unified));
  return usable ? cgroup(folders, new Set()) : undefined;
}

/** The kernel allows it in no group's name. */
const separator = "\n";

/** The first folder is the one of version 2, which has all processes. */
function cgroup(folders: readonly string[], holds: ReadonlySet<TreeLimit>): Cgroup {
  const [tree = ""] = folders;
  return {
    path: folders.join(separator),
    join: folders.map((folder) => join(folder, "cgroup.procs")),
    holds,
    members: () => listMembers(tree),
    isPopulated: () => isPopulated(tree),
    kill: () => killGroup(tree),
    // Every one is tried.
    remove: () => folders.map(removeGroup).every((removed) => removed),
    removeSoon: async () =>
      (await Promise.all(folders.map(removeGroupSoon))).every((removed) => removed),
  };
}
