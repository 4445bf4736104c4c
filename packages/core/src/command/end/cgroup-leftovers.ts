import { readdirSync, statSync } from "node:fs";
import { join } from "node:path/posix";
import { isPopulated, listMembers, removeGroup } from "./cgroup-tree.ts";

/** What the name of every group of ours begins with. */
export const groupPrefix = "meanwhile-";

/**
 * Removes the groups of ours that managers left which were killed before they could: empty ones
 * that are older than `created`, in milliseconds since 1970. One with a process stays.
 */
export function removeLeftovers(base: string, created: number): void {
  for (const name of namesIn(base)) {
    const folder = join(base, name);
    if (!name.startsWith(groupPrefix) || createdAt(folder) >= created) continue;
    // What runs in one may have made an empty group inside it.
    if (!isPopulated(folder) && listMembers(folder).length === 0) removeGroup(folder);
  }
}

/**
 * When the folder of a group was made, in milliseconds since 1970, or later: the kernel may forget
 * and take the moment when it was looked at again.
 */
export function createdAt(folder: string): number {
  return statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
