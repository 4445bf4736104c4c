import type { Clock } from "../../clock/clock.ts";
import type { ProcessEntry } from "../../proc/stat.ts";
import { findTree, groupExists, signalGroup, signalProcess } from "./processes.ts";

/** What is to be ended, and how gently. */
interface EndTreeOptions {
  /** Carried in the environment of every process of the tree. */
  readonly marker: string;
  readonly clock: Clock;
  /** Milliseconds between TERM and KILL. */
  readonly graceMs: number;
  /** A group that had its TERM before: a second one makes some programs skip their cleaning up. */
  readonly askedGroup?: number | undefined;
  /** A process that is spared, with its descendants. @default none */
  readonly spared?: number | undefined;
}

/** Milliseconds to wait for processes that were killed; one in the kernel's hands may take long. */
export const killWaitMs = 3_000;

/**
 * Ends a process tree: TERM, CONT (a stopped process ignores TERM until then), grace, KILL, until
 * two looks in a row find nothing. Processes that appear meanwhile are treated alike. Resolves
 * with whether all are gone.
 */
export async function endTree(options: EndTreeOptions): Promise<boolean> {
  const { marker, clock, graceMs, askedGroup, spared } = options;
  const start = clock.monotonic();
  const asked = new Set<string>();
  let killedAt: number | undefined;
  for (let looks = 0, empty = 0; ; looks++) {
    const found = await findTree(marker);
    const members = spared === undefined ? found : withoutDescendants(found, spared);
    const elapsed = clock.monotonic() - start;
    if (members.length === 0) {
      // A process may have forked and ended while the list was read.
      if (++empty === 2) return true;
      continue;
    }
    empty = 0;
    if (elapsed >= graceMs) {
      // From the first KILL on: on a busy machine one look may outlast the grace.
      killedAt ??= elapsed;
      if (elapsed - killedAt >= killWaitMs) return false;
      kill(members, spared === undefined);
    } else {
      const unasked = members.filter((member) => member.group !== askedGroup);
      ask(unasked, asked, spared === undefined);
    }
    await delay(clock, Math.min(10 * 2 ** looks, 100, untilGrace(graceMs - elapsed)));
  }
}

/** As `endTree`, for the group of a child that is not yet reaped, where there is no `/proc`. */
export async function endGroup(
  group: number,
  { clock, graceMs }: { readonly clock: Clock; readonly graceMs: number },
): Promise<boolean> {
  const start = clock.monotonic();
  let killedAt: number | undefined;
  for (let looks = 0; groupExists(group); looks++) {
    const elapsed = clock.monotonic() - start;
    if (looks === 0) for (const signal of ["SIGTERM", "SIGCONT"] as const) trySignal(group, signal);
    if (elapsed >= graceMs) {
      killedAt ??= elapsed;
      if (elapsed - killedAt >= killWaitMs) return false;
      trySignal(group, "SIGKILL");
    }
    await delay(clock, Math.min(10 * 2 ** looks, 100, untilGrace(graceMs - elapsed)));
  }
  return true;
}

/** `whole`: nobody in the groups is spared. Nothing can fork away in between then. */
function kill(members: readonly ProcessEntry[], whole: boolean): void {
  for (const group of byGroup(members)) {
    if (whole) signalGroup(group, "SIGKILL");
    else for (const member of group) signalProcess(member, "SIGKILL");
  }
}

/** Sends TERM and CONT once to each. */
function ask(members: readonly ProcessEntry[], asked: Set<string>, whole: boolean): void {
  for (const group of byGroup(members)) {
    const fresh = group.filter((member) => !asked.has(identity(member)));
    for (const signal of ["SIGTERM", "SIGCONT"] as const) {
      if (whole && fresh.length === group.length) signalGroup(group, signal);
      else for (const member of fresh) signalProcess(member, signal);
    }
    for (const member of fresh) asked.add(identity(member));
  }
}

function withoutDescendants(
  entries: readonly ProcessEntry[],
  ancestor: number,
): readonly ProcessEntry[] {
  const spared = new Set([ancestor]);
  for (let size = 0; size < spared.size; ) {
    size = spared.size;
    for (const { pid, parent } of entries) if (spared.has(parent)) spared.add(pid);
  }
  return entries.filter(({ pid }) => !spared.has(pid));
}

function byGroup(members: readonly ProcessEntry[]): Iterable<readonly ProcessEntry[]> {
  return Map.groupBy(members, (member) => member.group).values();
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
