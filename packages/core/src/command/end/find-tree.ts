import { readdir } from "node:fs/promises";
import type { ProcessEntry } from "../../proc/stat.ts";
import { markerVariable, readProc, readProcess } from "./processes.ts";

/** What is known of a tree beside its marker. */
export interface TreeHints {
  /** The command's own process, which is found also where it does not carry the marker (yet). */
  readonly first?: ProcessEntry | undefined;
  /** A group and session that others share with the tree: being in them says nothing. */
  readonly except?: { readonly group: number; readonly session: number } | undefined;
}

/**
 * Every process that belongs to the marker: those that carry it in their environment, those in
 * a session or group with one of them, and the descendants of all these. A process that cleared
 * its environment, left the session and lost its parent is not found.
 */
export async function findTree(
  marker: string,
  hints: TreeHints = {},
): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const others: ProcessEntry[] = [];
  const members: ProcessEntry[] = [];
  for (let start = 0; start < pids.length; start += atOnce) {
    const batch = pids.slice(start, start + atOnce);
    await Promise.all(
      batch.map(async (pid) => {
        const entry = await readProcess(pid);
        if (entry === undefined) return;
        const found = isSame(entry, hints.first) || (await carries(pid, marker));
        (found ? members : others).push(entry);
      }),
    );
  }
  return members.length === 0 ? members : closure(members, others, hints);
}

/** Few enough that a scan does not hold the whole thread pool of the host. */
const atOnce = 16;

function isSame(entry: ProcessEntry, other: ProcessEntry | undefined): boolean {
  return entry.pid === other?.pid && entry.startTime === other.startTime;
}

async function carries(pid: number, marker: string): Promise<boolean> {
  const environment = await readProc(`/proc/${pid}/environ`);
  const start = `\0${environment}`.indexOf(`\0${markerVariable}=`);
  if (start === -1) return false;
  const value = environment.slice(start + markerVariable.length + 1).split("\0", 1)[0] ?? "";
  return value.split(":").includes(marker);
}

function closure(
  marked: readonly ProcessEntry[],
  others: readonly ProcessEntry[],
  { except }: TreeHints,
): readonly ProcessEntry[] {
  const members = [...marked];
  let rest = others;
  for (;;) {
    const pids = new Set(members.map(({ pid }) => pid));
    const groups = new Set(members.map(({ group }) => group));
    const sessions = new Set(members.map(({ session }) => session));
    // 0 stands for the kernel's own, and for what lies outside this pid namespace.
    for (const group of [0, except?.group ?? 0]) groups.delete(group);
    for (const session of [0, except?.session ?? 0]) sessions.delete(session);
    const found = rest.filter(
      ({ parent, group, session }) =>
        pids.has(parent) || groups.has(group) || sessions.has(session),
    );
    if (found.length === 0) return members;
    members.push(...found);
    rest = rest.filter((entry) => !found.includes(entry));
  }
}
