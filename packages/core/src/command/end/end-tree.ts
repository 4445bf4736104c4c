import type { Clock } from "../../clock/clock.ts";
import { livingProcess, type ProcessEntry } from "../../proc/stat.ts";
import type { Cgroup } from "./cgroup.ts";
import { findTree, type TreeHints } from "./find-tree.ts";
import { groupExists, signalGroup, signalProcess } from "./processes.ts";

/** What is to be ended, and how gently. */
interface EndTreeOptions extends TreeHints {
  /** Carried in the environment of every process of the tree. */
  readonly marker: string;
  /** The command's control group. @default none */
  readonly cgroup?: Cgroup | undefined;
  readonly clock: Clock;
  /** Milliseconds between TERM and KILL. */
  readonly graceMs: number;
  /** A group that had its TERM before: a second one makes some programs skip their cleaning up. */
  readonly askedGroup?: number | undefined;
}

/** Milliseconds to wait for a process that was killed; one in the kernel's hands may take long. */
export const killWaitMs = 3_000;
/** Milliseconds to go on killing when ever new ones appear. */
const longestKillMs = 10 * killWaitMs;

/**
 * Ends a process tree: TERM, CONT (a stopped process ignores TERM until then), grace, KILL.
 * Processes that appear meanwhile are treated alike. Resolves with whether all are gone.
 *
 * A control group is emptied and removed first, so that nothing can start in it any more. Whoever
 * has the right to may have left it, so what carries the marker is ended as well, until two looks
 * in a row find nothing.
 */
export async function endTree(options: EndTreeOptions): Promise<boolean> {
  const { cgroup, clock, graceMs, askedGroup } = options;
  const start = clock.monotonic();
  const asked = new Set<string>();
  const killed = new Map<string, number>();
  let killedAt: number | undefined;
  for (let looks = 0, empty = 0; ; looks++) {
    const inside = cgroup?.isPopulated() === true;
    const members = inside ? livingMembers(cgroup) : await findTree(options.marker, options);
    const elapsed = clock.monotonic() - start;
    if (!inside && members.length === 0) {
      // A process may have forked and ended, or joined the group, while the list was read.
      const closed = cgroup?.remove() ?? true;
      if (++empty >= 2 && (closed || elapsed >= graceMs + killWaitMs)) return true;
      if (closed) continue;
    } else if (elapsed >= graceMs) {
      empty = 0;
      // From the first KILL on: on a busy machine one look may outlast the grace, or the wait.
      killedAt ??= elapsed;
      if (inside) cgroup.kill();
      else kill(members, options);
      for (const member of members) {
        if (!killed.has(identity(member))) killed.set(identity(member), elapsed);
      }
      const longAgo = elapsed - killWaitMs;
      const allLongAgo = members.every((each) => (killed.get(identity(each)) ?? 0) <= longAgo);
      if (killedAt <= longAgo && allLongAgo) return false;
      if (elapsed - killedAt >= longestKillMs) return false;
    } else {
      empty = 0;
      const unasked = members.filter((member) => member.group !== askedGroup);
      if (inside) askEach(unasked, asked);
      else ask(unasked, asked, options);
    }
    // To look into a control group costs next to nothing.
    const untilNext = (inside ? 1 : 10) * 2 ** looks;
    await delay(clock, Math.min(untilNext, 100, untilGrace(graceMs - elapsed)));
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

function livingMembers(cgroup: Cgroup): readonly ProcessEntry[] {
  return cgroup.members().flatMap((pid) => livingProcess(pid) ?? []);
}

/** By groups where others have no part in them, so that nothing can fork away in between. */
function kill(members: readonly ProcessEntry[], { except }: EndTreeOptions): void {
  for (const [group, entries] of byGroup(members)) {
    if (group !== except?.group) signalGroup(entries, "SIGKILL");
    else for (const entry of entries) signalProcess(entry, "SIGKILL");
  }
}

/** Sends TERM and CONT once to each. */
function ask(
  members: readonly ProcessEntry[],
  asked: Set<string>,
  { except }: EndTreeOptions,
): void {
  for (const [group, entries] of byGroup(members)) {
    const allFresh = entries.every((entry) => !asked.has(identity(entry)));
    if (group !== except?.group && allFresh) {
      for (const signal of ["SIGTERM", "SIGCONT"] as const) signalGroup(entries, signal);
      for (const entry of entries) asked.add(identity(entry));
    } else askEach(entries, asked);
  }
}

function askEach(members: readonly ProcessEntry[], asked: Set<string>): void {
  for (const member of members) {
    if (asked.has(identity(member))) continue;
    for (const signal of ["SIGTERM", "SIGCONT"] as const) signalProcess(member, signal);
    asked.add(identity(member));
  }
}

function byGroup(
  members: readonly ProcessEntry[],
): Iterable<readonly [number, readonly ProcessEntry[]]> {
  return Map.groupBy(members, (member) => member.group);
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
