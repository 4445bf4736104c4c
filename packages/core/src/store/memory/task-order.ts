import type { TaskEntry } from "./state.ts";

/** The tasks of a session by age, of which at most half are holes. */
export interface TaskOrder {
  /** A deleted task leaves its sequence number behind, so that the order can still be searched. */
  entries: (TaskEntry | number)[];
  /** Only holes are before this index. */
  first: number;
  holes: number;
}

const compactAbove = 32;

export function addToOrder(order: TaskOrder, task: TaskEntry): void {
  order.entries.push(task);
}

export function removeFromOrder(order: TaskOrder, task: TaskEntry): void {
  order.entries[firstAfter(order, task.sequence - 1)] = task.sequence;
  order.holes += 1;
  while (typeof order.entries[order.first] === "number") order.first += 1;
  if (order.holes === order.entries.length) {
    order.entries = [];
  } else if (order.holes > compactAbove && order.holes * 2 > order.entries.length) {
    order.entries = order.entries.filter((entry) => typeof entry !== "number");
  } else {
    return;
  }
  order.first = 0;
  order.holes = 0;
}

/** The index of the first task, or hole, that came after the one with this sequence number. */
export function firstAfter(order: TaskOrder, sequence: number): number {
  let low = order.first;
  let high = order.entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = order.entries[middle] as TaskEntry | number;
    const number = typeof entry === "number" ? entry : entry.sequence;
    if (number <= sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
