import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { hasEnded, type ProcessEntry, parseStat } from "../../proc/stat.ts";

/** The variable that every process of a command inherits: markers, joined by colons. */
export const markerVariable = "MEANWHILE_TASK";

/** The process that has this id now, unless it has ended. A zombie has ended. */
export async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  return running(await readFile(`/proc/${pid}/stat`, "latin1").catch(() => ""));
}

/**
 * Signals the process group that these are members of, if one of them is still the process it was.
 * Looking again and signalling happen in one go, so that no other group can have taken the id.
 */
export function signalGroup(members: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  const member = members.find(isStill);
  if (member !== undefined) send(-member.group, signal);
}

/** Signals one process, if it is still the one it was. */
export function signalProcess(member: ProcessEntry, signal: NodeJS.Signals): void {
  if (isStill(member)) send(member.pid, signal);
}

/** Whether the group has a process, zombies included. */
export function groupExists(group: number): boolean {
  return send(-group, 0);
}

/**
 * Every process that belongs to the marker: those that carry it in their environment, those in
 * a session or group with one of them, and the descendants of all these. A process that cleared
 * its environment, left the session and lost its parent is not found.
 */
export async function findTree(marker: string): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const others: ProcessEntry[] = [];
  const members: ProcessEntry[] = [];
  for (let start = 0; start < pids.length; start += atOnce) {
    const batch = pids.slice(start, start + atOnce);
    await Promise.all(
      batch.map(async (pid) => {
        const entry = await readProcess(pid);
        if (entry === undefined) return;
        ((await carries(pid, marker)) ? members : others).push(entry);
      }),
    );
  }
  return members.length === 0 ? members : closure(members, others);
}

/** Few enough that a scan does not hold the whole thread pool of the host. */
const atOnce = 16;

async function carries(pid: number, marker: string): Promise<boolean> {
  // The environment of another user's process cannot be read; it is not ours then.
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
  const start = `\0${environment}`.indexOf(`\0${markerVariable}=`);
  if (start === -1) return false;
  const value = environment.slice(start + markerVariable.length + 1).split("\0", 1)[0] ?? "";
  return value.split(":").includes(marker);
}

function closure(
  marked: readonly ProcessEntry[],
  others: readonly ProcessEntry[],
): readonly ProcessEntry[] {
  const members = [...marked];
  let rest = others;
  for (;;) {
    const pids = new Set(members.map((member) => member.pid));
    const groups = new Set(members.map((member) => member.group));
    const sessions = new Set(members.map((member) => member.session));
    // 0 stands for the kernel's own, and for what lies outside this pid namespace.
    groups.delete(0);
    sessions.delete(0);
    const found = rest.filter(
      ({ parent, group, session }) =>
        pids.has(parent) || groups.has(group) || sessions.has(session),
    );
    if (found.length === 0) return members;
    members.push(...found);
    rest = rest.filter((entry) => !found.includes(entry));
  }
}

function isStill(member: ProcessEntry): boolean {
  try {
    const now = running(readFileSync(`/proc/${member.pid}/stat`, "latin1"));
    return now?.startTime === member.startTime && now.group === member.group;
  } catch {
    return false;
  }
}

function running(stat: string): ProcessEntry | undefined {
  const entry = parseStat(stat);
  return entry === undefined || hasEnded(entry) ? undefined : entry;
}

function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // EPERM: it exists, and has become another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
