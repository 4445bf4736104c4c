import { readFile } from "node:fs/promises";
import { isExhaustion } from "../../proc/exhaustion.ts";
import { hasEnded, livingProcess, type ProcessEntry, parseStat } from "../../proc/stat.ts";

/** The variable that every process of a command inherits: markers, joined by colons. */
export const markerVariable = "MEANWHILE_TASK";

/** The process that has this id now, unless it has ended. A zombie has ended. */
export async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  return running(await readProc(`/proc/${pid}/stat`));
}

/**
 * A file of a process; "" when there is none, or it is another user's. Rejects when this process
 * has no descriptor left: then nothing is known.
 */
export async function readProc(file: string): Promise<string> {
  return readFile(file, "latin1").catch((error: unknown) => {
    if (isExhaustion(error)) throw error;
    return "";
  });
}

/**
 * Signals the process group that these are members of, if one of them is still the process it was.
 * Looking again and signalling happen in one go, so that no other group can have taken the id.
 */
export function signalGroup(members: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  const member = members.find((each) => sameNow(each)?.group === each.group);
  if (member !== undefined) send(-member.group, signal);
}

/** Signals one process, if it is still the one it was. */
export function signalProcess(member: ProcessEntry, signal: NodeJS.Signals): void {
  if (sameNow(member) !== undefined) send(member.pid, signal);
}

/** Whether the group has a process, zombies included. */
export function groupExists(group: number): boolean {
  return send(-group, 0);
}

/** What the process is now, if it is still the one it was. */
function sameNow({ pid, startTime }: ProcessEntry): ProcessEntry | undefined {
  const now = livingProcess(pid);
  return now?.startTime === startTime ? now : undefined;
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
