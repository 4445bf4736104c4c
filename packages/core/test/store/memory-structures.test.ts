import assert from "node:assert/strict";
import { expect, test } from "vitest";
import { filterHeap, heap, popHeap, pushHeap } from "../../src/store/memory/heap.ts";
import { dequeue, enqueueNew, noteStale } from "../../src/store/memory/lanes.ts";
import { taskEntry } from "../../src/store/memory/records.ts";
import {
  filterRing,
  peekRing,
  pushRing,
  type Ring,
  ring,
  shiftRing,
} from "../../src/store/memory/ring.ts";
import { memoryState, sessionEntry, type TaskEntry } from "../../src/store/memory/state.ts";
import { addToOrder, firstAfter, removeFromOrder } from "../../src/store/memory/task-order.ts";
import { start, taskRecord } from "../../src/testing/store-suite/scenario.ts";
import { seededRandom } from "./random-changes.ts";

test("a ring gives back what it was given, in order, however often it wraps and grows", () => {
  const random = seededRandom(1);
  const queue: Ring<number> = ring();
  const model: number[] = [];
  for (let step = 0; step < 20_000; step++) {
    const growing = Math.floor(step / 2_000) % 2 === 0;
    if (random() < (growing ? 0.6 : 0.4)) {
      pushRing(queue, step);
      model.push(step);
    } else {
      assert.equal(peekRing(queue), model[0]);
      assert.equal(shiftRing(queue), model.shift());
    }
    if (step % 997 === 0) {
      filterRing(queue, (item) => item % 3 !== 0);
      model.splice(0, model.length, ...model.filter((item) => item % 3 !== 0));
    }
    assert.equal(queue.size, model.length);
  }
});

test("a heap gives back the first of what is left", () => {
  const random = seededRandom(2);
  const queue = heap<number>((first, second) => first < second);
  let model: number[] = [];
  for (let step = 0; step < 5_000; step++) {
    if (random() < 0.55) {
      const item = Math.floor(random() * 1_000);
      pushHeap(queue, item);
      model.push(item);
      model.sort((one, other) => one - other);
    } else {
      assert.equal(popHeap(queue), model.shift());
    }
    if (step % 501 === 0) {
      filterHeap(queue, (item) => item % 2 === 0);
      model = model.filter((item) => item % 2 === 0);
    }
    assert.equal(queue.items[0], model[0]);
  }
});

test("an order is searched right and stays small while tasks are deleted from it", () => {
  const random = seededRandom(3);
  const state = memoryState();
  const session = sessionEntry(state, "s");
  const model: TaskEntry[] = [];
  for (let step = 0; step < 3_000; step++) {
    if (random() < 0.5 || model.length === 0) {
      const task = taskEntry(state, session, taskRecord(`t${step}`));
      addToOrder(session.order, task);
      model.push(task);
    } else {
      const [task] = model.splice(Math.floor(random() ** 2 * model.length), 1);
      removeFromOrder(session.order, task as TaskEntry);
    }
    const sequence = Math.floor(random() * state.sequence);
    const { entries } = session.order;
    const found = entries
      .slice(firstAfter(session.order, sequence))
      .filter((entry) => typeof entry !== "number");
    assert.deepEqual(
      found.map((task) => task.id),
      model.filter((task) => task.sequence > sequence).map((task) => task.id),
    );
    expect(entries.length).toBeLessThanOrEqual(Math.max(66, model.length * 2 + 1));
  }
});

test("what was cancelled in the queue is forgotten before it outnumbers what is alive", () => {
  const state = memoryState();
  const session = sessionEntry(state, "s");
  for (let index = 0; index < 1_000; index++) {
    const runAt = start + (index % 2 === 0 ? 0 : 3_600_000);
    const task = taskEntry(state, session, taskRecord(`t${index}`, { runAt }));
    enqueueNew(session, task);
    task.status = "cancelled";
    noteStale(session);
    const kept = (session.lanes[0]?.prompt.size ?? 0) + (session.delayed?.items.length ?? 0);
    expect(kept).toBeLessThanOrEqual(33);
  }
  assert.equal(dequeue(session, "one#1", ["work"], start), undefined);
});
