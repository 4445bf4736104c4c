import type { Clock } from "../clock/clock.ts";
import {
  findTree,
  groupExists,
  type ProcessEntry,
  signalGroup,
  signalProcess,
} from "./processes.ts";

/** What is to be ended, and how gently. */
export interface EndTreeOptions {
  /** Carried in the environment of every process of the tree. */
  readonly marker: string;
  readonly clock: Clock;
  /** Milliseconds between TERM and KILL. */
  readonly graceMs: number;
  /** False when the tree was asked to end before. @default true */
  readonly terminate?: boolean;
}

/** Milliseconds to wait for processes that were killed; one in the kernel's hands may take long. */
export const killWaitMs = 3_000;

/**
 * Ends a process tree: TERM, CONT (a stopped process ignores TERM until then), grace, KILL, until
 * two looks in a row find nothing. Processes that appear meanwhile are treated alike. Resolves
 * with whether all are gone.
 */
export async function endTree(options: EndTreeOptions): Promise<boolean> {
  const { marker, clock, graceMs, terminate = true } = options;
  const start = clock.monotonic();
  const asked = new Set<string>();
  for (let looks = 0, empty = 0; ; looks++) {
    const members = await findTree(marker);
    const elapsed = clock.monotonic() - start;
    if (members.length === 0) {
      // A process may have forked and ended while the list was read.
      if (++empty === 2) return true;
      continue;
    }
    empty = 0;
    if (elapsed >= graceMs + killWaitMs) return false;
    if (elapsed >= graceMs) kill(members);
    else if (terminate) ask(members, asked);
    await delay(clock, Math.min(10 * 2 ** looks, 100, untilGrace(graceMs - elapsed)));
  }
}

/** As `endTree`, for the group of a child that is not yet reaped, where there is no `/proc`. */
export async function endGroup(
  group: number,
  { clock, graceMs }: { readonly clock: Clock; readonly graceMs: number },
): Promise<boolean> {
  const start = clock.monotonic();
  for (let looks = 0; groupExists(group); looks++) {
    const elapsed = clock.monotonic() - start;
    if (elapsed >= graceMs + killWaitMs) return false;
    const signals: NodeJS.Signals[] =
      elapsed >= graceMs ? ["SIGKILL"] : looks === 0 ? ["SIGTERM", "SIGCONT"] : [];
    for (const signal of signals) trySignal(group, signal);
    await delay(clock, Math.min(10 * 2 ** looks, 100, untilGrace(graceMs - elapsed)));
  }
  return true;
}

function kill(members: readonly ProcessEntry[]): void {
  for (const member of oneOfEachGroup(members)) signalGroup(member, "SIGKILL");
}

function ask(members: readonly ProcessEntry[], asked: Set<string>): void {
  const fresh = members.filter((member) => !asked.has(identity(member)));
  const known = new Set(
    members.filter((member) => !fresh.includes(member)).map(({ group }) => group),
  );
  // A whole group at once where nobody in it was asked: nothing can fork away in between. Twice
  // would make some programs skip their cleaning up.
  const groups = oneOfEachGroup(fresh.filter((member) => !known.has(member.group)));
  for (const signal of ["SIGTERM", "SIGCONT"] as const) {
    for (const member of groups) signalGroup(member, signal);
    for (const member of fresh) if (known.has(member.group)) signalProcess(member, signal);
  }
  for (const member of fresh) asked.add(identity(member));
}

function oneOfEachGroup(members: readonly ProcessEntry[]): Iterable<ProcessEntry> {
  return new Map(members.map((member) => [member.group, member])).values();
}

function identity({ pid, startTime }: ProcessEntry): string {
  return `${pid}@${startTime}`;
}

function untilGrace(leftMs: number): number {
  return leftMs > 0 ? leftMs : Number.POSITIVE_INFINITY;
}

function trySignal(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It ended in between.
  }
}

function delay(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.timer(resolve, delayMs, true);
  });
}
