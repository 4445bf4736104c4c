import assert from "node:assert/strict";
import { test } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";

test("time stands still until it is advanced", async () => {
  const clock = virtualClock({ start: 1_000 });
  await clock.settle();
  assert.equal(clock.now(), 1_000);
  assert.equal(clock.monotonic(), 0);
  await clock.advance(250);
  assert.equal(clock.now(), 1_250);
  assert.equal(clock.monotonic(), 250);
});

test("timers fire in the order of their time, then of their arming, each at its own time", async () => {
  const clock = virtualClock({ start: 0 });
  const fired: string[] = [];
  const arm = (name: string, delayMs: number) =>
    clock.timer(() => fired.push(`${name}@${clock.now()}`), delayMs, true);
  arm("late", 30);
  arm("first", 10);
  arm("second", 10);
  await clock.advance(29);
  assert.deepEqual(fired, ["first@10", "second@10"]);
  await clock.advance(1);
  assert.deepEqual(fired, ["first@10", "second@10", "late@30"]);
});

test("a timer that a timer arms fires within the same advance when it is due", async () => {
  const clock = virtualClock({ start: 0 });
  const fired: number[] = [];
  clock.timer(
    () => {
      void Promise.resolve().then(() => clock.timer(() => fired.push(clock.now()), 5, true));
    },
    10,
    false,
  );
  await clock.advance(15);
  assert.deepEqual(fired, [15]);
});

test("a cancelled timer neither fires nor counts, and cancelling twice is harmless", async () => {
  const clock = virtualClock();
  let fired = 0;
  const cancel = clock.timer(() => fired++, 10, true);
  clock.timer(() => fired++, 10, true);
  assert.equal(clock.pendingTimers, 2);
  cancel();
  cancel();
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(10);
  cancel();
  assert.equal(fired, 1);
  assert.equal(clock.pendingTimers, 0);
});

test("promises and immediates settle between two timers", async () => {
  const clock = virtualClock();
  const order: string[] = [];
  clock.timer(
    () => {
      clock.immediate(() => {
        order.push("immediate");
        void Promise.resolve().then(() => clock.immediate(() => order.push("immediate after it")));
      });
    },
    1,
    true,
  );
  clock.timer(() => order.push("timer"), 2, true);
  await clock.advance(2);
  assert.deepEqual(order, ["immediate", "immediate after it", "timer"]);
});

test("immediates run in later turns of the event loop, never at once", async () => {
  const clock = virtualClock();
  let ran = false;
  clock.immediate(() => {
    ran = true;
  });
  await Promise.resolve();
  assert.equal(ran, false);
  await clock.settle();
  assert.equal(ran, true);
});
