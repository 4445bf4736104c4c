import type { Clock } from "./clock.ts";
import { detached } from "./detached.ts";

/** What a timer of the system can wait for at most; longer delays are waited for in pieces. */
const longestTimerMs = 2 ** 30;

/** Many alarms on one timer of the clock. */
export interface Alarms {
  /**
   * Calls back once after `delayMs` (any finite number; below 0 counts as 0), measured by the
   * monotonic clock. The process stays alive for it unless `keepAlive` is false. Returns what
   * cancels it.
   */
  after(delayMs: number, callback: () => void, keepAlive?: boolean): () => void;
  /** Calls back once the wall clock has reached `at`, also when it jumps meanwhile. */
  at(at: number, callback: () => void, keepAlive?: boolean): () => void;
  /** Keeps the process alive until the returned function is called. */
  hold(): () => void;
  /** Cancels everything. */
  clear(): void;
}

interface Alarm {
  due: number;
  readonly callback: () => void;
  readonly keepAlive: boolean;
  /** Place in the heap; -1 when not in it. */
  place: number;
}

export function createAlarms(clock: Clock): Alarms {
  const heap: Alarm[] = [];
  let keepAlives = 0;
  let armed: { cancel: () => void; due: number; keepAlive: boolean } | undefined;

  function arm(): void {
    const next = heap[0];
    const keepAlive = keepAlives > 0;
    if (next === undefined && !keepAlive) {
      armed?.cancel();
      armed = undefined;
      return;
    }
    const due = next?.due ?? Number.POSITIVE_INFINITY;
    // A timer that rings too early is harmless; one that is moved for every alarm is costly.
    if (armed !== undefined && armed.due <= due && armed.keepAlive === keepAlive) return;
    armed?.cancel();
    const delay = Math.min(Math.max(Math.ceil(due - clock.monotonic()), 0), longestTimerMs);
    armed = {
      due: clock.monotonic() + delay,
      keepAlive,
      // One timer serves alarms of many callers, so it must carry the async context of none.
      cancel: clock.timer(detachedRing, delay, keepAlive),
    };
  }

  function ring(): void {
    armed = undefined;
    const now = clock.monotonic();
    for (let next = heap[0]; next !== undefined && next.due <= now; next = heap[0]) {
      remove(heap, next);
      if (next.keepAlive) keepAlives -= 1;
      next.callback();
    }
    arm();
  }

  const detachedRing = detached(ring);

  function cancel(alarm: Alarm): void {
    if (alarm.place < 0) return;
    remove(heap, alarm);
    if (alarm.keepAlive) keepAlives -= 1;
    // The timer stays as it is unless it alone keeps the process alive.
    if (heap.length === 0 || (alarm.keepAlive && keepAlives === 0)) arm();
  }

  function after(delayMs: number, callback: () => void, keepAlive = true): () => void {
    const alarm = { due: clock.monotonic() + Math.max(delayMs, 0), callback, keepAlive, place: -1 };
    if (keepAlive) keepAlives += 1;
    push(heap, alarm);
    arm();
    return () => cancel(alarm);
  }

  function at(wall: number, callback: () => void, keepAlive = true): () => void {
    let stop = (): void => {};
    const wait = (): void => {
      // A wall clock that is set back, or forward, is noticed within a minute.
      const left = wall - clock.now();
      stop = after(
        Math.min(left, 60_000),
        () => (clock.now() >= wall ? callback() : wait()),
        keepAlive,
      );
    };
    wait();
    return () => stop();
  }

  return {
    after,
    at,
    hold() {
      let held = true;
      keepAlives += 1;
      arm();
      return () => {
        if (!held) return;
        held = false;
        keepAlives -= 1;
        arm();
      };
    },
    clear() {
      for (const alarm of heap) alarm.place = -1;
      heap.length = 0;
      keepAlives = 0;
      armed?.cancel();
      armed = undefined;
    },
  };
}

/** A binary heap by `due`; each alarm knows its place, so that a cancel is O(log n). */
function push(heap: Alarm[], alarm: Alarm): void {
  alarm.place = heap.length;
  heap.push(alarm);
  up(heap, alarm);
}

function remove(heap: Alarm[], alarm: Alarm): void {
  const last = heap.pop() as Alarm;
  if (last !== alarm) {
    last.place = alarm.place;
    heap[last.place] = last;
    up(heap, last);
    down(heap, last);
  }
  alarm.place = -1;
}

function up(heap: Alarm[], alarm: Alarm): void {
  while (alarm.place > 0) {
    const parent = heap[(alarm.place - 1) >> 1] as Alarm;
    if (parent.due <= alarm.due) return;
    swap(heap, parent, alarm);
  }
}

function down(heap: Alarm[], alarm: Alarm): void {
  for (;;) {
    const left = heap[alarm.place * 2 + 1];
    const right = heap[alarm.place * 2 + 2];
    const child = right !== undefined && left !== undefined && right.due < left.due ? right : left;
    if (child === undefined || child.due >= alarm.due) return;
    swap(heap, alarm, child);
  }
}

function swap(heap: Alarm[], upper: Alarm, lower: Alarm): void {
  const place = upper.place;
  upper.place = lower.place;
  lower.place = place;
  heap[upper.place] = upper;
  heap[lower.place] = lower;
}
