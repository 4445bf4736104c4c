import { readFileSync } from "node:fs";
import { isExhaustion } from "./exhaustion.ts";

/** One line of `/proc/<pid>/stat` (proc_pid_stat(5)). */
export interface ProcessEntry {
  readonly pid: number;
  /** One letter; `Z` and `X` are processes that have ended. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot. With the pid it names a process for as long as the machine is up. */
  readonly startTime: string;
}

/** Undefined when the text is not such a line. */
export function parseStat(text: string): ProcessEntry | undefined {
  const fields = fieldsFromState(text);
  const [state, parent, group, session] = fields;
  const startTime = fields[19];
  const pid = Number.parseInt(text, 10);
  if (state === undefined || startTime === undefined || Number.isNaN(pid)) return undefined;
  return {
    pid,
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime,
  };
}

/**
 * Clock ticks that the process has spent in user and kernel mode, with those of its children that
 * have ended and were waited for. Undefined when the text is not such a line.
 */
export function parseProcessorTicks(text: string): number | undefined {
  const ticks = fieldsFromState(text).slice(11, 15).map(Number);
  if (ticks.length < 4 || ticks.some(Number.isNaN)) return undefined;
  return ticks.reduce((sum, some) => sum + some, 0);
}

/** A zombie has ended, though its number is still taken. */
export function hasEnded({ state }: ProcessEntry): boolean {
  return state === "Z" || state === "X";
}

/** The process that has this id now, unless it has ended. Throws when this process has no descriptor left. */
export function livingProcess(pid: number): ProcessEntry | undefined {
  try {
    const entry = parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
    return entry === undefined || hasEnded(entry) ? undefined : entry;
  } catch (error) {
    if (isExhaustion(error)) throw error;
    return undefined;
  }
}

/** From the third field on: the name in parentheses may hold spaces and parentheses itself. */
function fieldsFromState(text: string): string[] {
  return text
    .slice(text.lastIndexOf(")") + 2)
    .trim()
    .split(" ");
}
