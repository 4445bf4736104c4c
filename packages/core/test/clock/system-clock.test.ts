import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "vitest";
import { systemClock, systemRandom } from "../../src/clock/system-clock.ts";

test("wall time is the platform's, durations never go back", () => {
  const clock = systemClock();
  const before = Date.now();
  const now = clock.now();
  assert.ok(before <= now && now <= Date.now());
  const first = clock.monotonic();
  assert.ok(clock.monotonic() >= first);
});

test("a timer calls back once, and not when it was cancelled", async () => {
  const clock = systemClock();
  const fired: string[] = [];
  clock.timer(() => fired.push("cancelled"), 1, true)();
  await new Promise<void>((resolve) => {
    clock.timer(
      () => {
        fired.push("kept");
        resolve();
      },
      2,
      true,
    );
  });
  assert.deepEqual(fired, ["kept"]);
});

test("an immediate runs in the next turn of the event loop", async () => {
  let ran = false;
  const done = new Promise<void>((resolve) => {
    systemClock().immediate(() => {
      ran = true;
      resolve();
    });
  });
  await Promise.resolve();
  assert.equal(ran, false);
  await done;
});

test("a timer without keepAlive lets the process end, also one beyond the longest delay", async () => {
  const module = new URL("../../src/clock/system-clock.ts", import.meta.url).href;
  const script = `
    const { systemClock } = await import(${JSON.stringify(module)});
    systemClock().timer(() => console.log("fired"), 2 ** 40, false);
    systemClock().timer(() => console.log("kept alive"), 1, true);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    script,
  ]);
  assert.equal(stdout, "kept alive\n");
});

test("random numbers are uniform in [0, 1) and do not repeat", () => {
  const count = 20_000;
  const seen = new Set<number>();
  let sum = 0;
  for (let index = 0; index < count; index++) {
    const value = systemRandom();
    assert.ok(value >= 0 && value < 1);
    seen.add(value);
    sum += value;
  }
  assert.equal(seen.size, count);
  // Six standard deviations of the mean of 20,000 uniform numbers are 0.0123.
  assert.ok(Math.abs(sum / count - 0.5) < 0.0123);
});
