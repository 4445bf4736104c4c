import { filterHeap, type Heap, heap, popHeap, pushHeap } from "./heap.ts";
import { filterRing, peekRing, pushRing, type Ring, ring, shiftRing } from "./ring.ts";
import type { SessionEntry, TaskEntry } from "./state.ts";

/**
 * The runnable tasks of a session that are alike for a claim. A claim compares the heads of its
 * lanes, so it never walks past tasks that it may not take.
 */
export interface Lane {
  readonly priority: number;
  readonly name: string;
  readonly fence: string | null;
  /** Those that were runnable when they came, so in order of age already. */
  readonly prompt: Ring<TaskEntry>;
  /** Those that had to wait before, oldest on top. */
  late: Heap<TaskEntry> | null;
}

const sweepLanesAbove = 16;
const sweepStaleAbove = 32;

/** Puts a new task where a claim finds it, now or once its time has come. */
export function enqueueNew(session: SessionEntry, task: TaskEntry): void {
  if (task.runAt > task.createdAt) enqueueDelayed(session, task);
  else pushRing(laneOf(session, task).prompt, task);
}

/** Puts a task that waited before where a claim finds it once its time has come. */
export function enqueueDelayed(session: SessionEntry, task: TaskEntry): void {
  session.delayed ??= heap(dueBefore);
  pushHeap(session.delayed, task);
}

/** Makes runnable what only waited for a time that has come. */
export function promoteDue(session: SessionEntry, now: number): void {
  for (;;) {
    const task = earliest(session);
    if (task === undefined || task.runAt > now || session.delayed === null) return;
    popHeap(session.delayed);
    const lane = laneOf(session, task);
    lane.late ??= heap(olderThan);
    pushHeap(lane.late, task);
  }
}

/** Takes out the best task that the fence may run, of those promoted; undefined for none. */
export function dequeue(
  session: SessionEntry,
  fence: string,
  names: readonly string[],
  now: number,
): TaskEntry | undefined {
  for (;;) {
    let best: TaskEntry | undefined;
    let from: Lane | undefined;
    for (const lane of session.lanes) {
      if (lane.fence !== null && lane.fence !== fence) continue;
      if (from !== undefined && lane.priority < from.priority) continue;
      if (!names.includes(lane.name)) continue;
      const head = headOf(session, lane);
      if (head === undefined) continue;
      if (
        best === undefined ||
        from === undefined ||
        lane.priority > from.priority ||
        head.sequence < best.sequence
      ) {
        best = head;
        from = lane;
      }
    }
    if (best === undefined || from === undefined) return undefined;
    if (peekRing(from.prompt) === best) shiftRing(from.prompt);
    else if (from.late !== null) popHeap(from.late);
    // The wall clock may have been set back since the task came.
    if (best.runAt <= now) return best;
    enqueueDelayed(session, best);
  }
}

/** When the next task that only waits for its time is due. */
export function nextDue(session: SessionEntry): number | null {
  return earliest(session)?.runAt ?? null;
}

/** Takes note that a queued task settled where it was: it is dropped when its turn comes. */
export function noteStale(session: SessionEntry): void {
  session.stale += 1;
  // At most half of what is kept is dead, and a sweep costs what made it necessary.
  if (session.stale <= Math.max(sweepStaleAbove, session.queued)) return;
  for (const lane of session.lanes) {
    filterRing(lane.prompt, isQueued);
    if (lane.late !== null) filterHeap(lane.late, isQueued);
  }
  if (session.delayed !== null) filterHeap(session.delayed, isQueued);
  session.stale = 0;
}

function earliest(session: SessionEntry): TaskEntry | undefined {
  const { delayed } = session;
  if (delayed === null) return undefined;
  let task = delayed.items[0];
  while (task !== undefined && !isQueued(task)) {
    popHeap(delayed);
    session.stale -= 1;
    task = delayed.items[0];
  }
  return task;
}

function headOf(session: SessionEntry, lane: Lane): TaskEntry | undefined {
  let prompt = peekRing(lane.prompt);
  while (prompt !== undefined && !isQueued(prompt)) {
    shiftRing(lane.prompt);
    session.stale -= 1;
    prompt = peekRing(lane.prompt);
  }
  if (lane.late === null) return prompt;
  let late = lane.late.items[0];
  while (late !== undefined && !isQueued(late)) {
    popHeap(lane.late);
    session.stale -= 1;
    late = lane.late.items[0];
  }
  if (late === undefined) return prompt;
  return prompt === undefined || late.sequence < prompt.sequence ? late : prompt;
}

function laneOf(session: SessionEntry, task: TaskEntry): Lane {
  const { priority } = task.options;
  for (const lane of session.lanes) {
    if (lane.priority === priority && lane.name === task.name && lane.fence === task.fence) {
      return lane;
    }
  }
  if (session.lanes.length >= sweepLanesAbove) session.lanes = session.lanes.filter(isInUse);
  const lane: Lane = {
    priority,
    name: task.name,
    fence: task.fence,
    prompt: ring(),
    late: null,
  };
  session.lanes.push(lane);
  return lane;
}

function isInUse(lane: Lane): boolean {
  return lane.prompt.size > 0 || (lane.late !== null && lane.late.items.length > 0);
}

function isQueued(task: TaskEntry): boolean {
  return task.status === "queued";
}

function olderThan(first: TaskEntry, second: TaskEntry): boolean {
  return first.sequence < second.sequence;
}

function dueBefore(first: TaskEntry, second: TaskEntry): boolean {
  return first.runAt < second.runAt || (first.runAt === second.runAt && olderThan(first, second));
}
