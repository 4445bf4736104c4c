import { expect, test } from "vitest";
import { createAlarms } from "../../../src/clock/alarms.ts";
import { compilePattern } from "../../../src/output/pattern/pattern.ts";
import { startWatch } from "../../../src/output/watch/watch.ts";
import { virtualClock } from "../../../src/testing/virtual-clock.ts";

/** A watch of an output in memory, and what it told, with the time. */
function watching(source: string, options: { from?: number; redact?: string[] } = {}) {
  const clock = virtualClock();
  let bytes = Buffer.alloc(0);
  let failures = 0;
  const told: { at: number; text: string }[] = [];
  const reports: unknown[] = [];
  let ended = false;
  const watch = startWatch(
    {
      output: {
        size: () => bytes.length,
        read: async (after, maxBytes) => bytes.subarray(after, after + maxBytes),
      },
      clock,
      alarms: createAlarms(clock),
      redact: options.redact ?? [],
      async tell(text) {
        if (failures-- > 0) throw new Error("no room");
        told.push({ at: clock.monotonic(), text });
      },
      ended() {
        ended = true;
      },
      report: (error) => reports.push(error),
    },
    compilePattern(source),
    options.from ?? 0,
  );
  return {
    watch,
    clock,
    told,
    reports,
    print(text: string) {
      bytes = Buffer.concat([bytes, Buffer.from(text)]);
    },
    fail(times: number) {
      failures = times;
    },
    ended: () => ended,
    finish: () => watch.finish(clock.monotonic() + 1_000),
    texts: () => told.map(({ text }) => text),
  };
}

test("the first match is told within half a second, however long nothing was printed", async () => {
  for (const idleMs of [0, 130, 10_000, 3_600_000]) {
    const one = watching("ready");
    await one.clock.advance(idleMs);
    one.print("ready\n");
    const printedAt = one.clock.monotonic();
    await one.clock.advance(2_000);
    expect(one.told).toHaveLength(1);
    expect((one.told[0]?.at ?? 0) - printedAt).toBeLessThanOrEqual(500);
    one.watch.stop();
  }
});

test("lines of a few seconds are told together", async () => {
  const one = watching("^hit");
  for (let index = 0; index < 80; index += 1) {
    one.print(`hit ${index}\nmiss ${index}\n`);
    await one.clock.advance(100);
  }
  await one.clock.advance(10_000);
  expect(one.told).toHaveLength(3);
  const [first, second, third] = one.texts();
  expect(first).toMatch(/^hit 0\n/);
  expect(second).toMatch(/\nhit 1\d\n\(\d+ more lines match\)$/);
  expect(third).not.toContain("miss");
  const counted = one.texts().map((text) => {
    const more = Number(/\((\d+) more/.exec(text)?.[1] ?? 0);
    return more + (text.match(/^hit/gm)?.length ?? 0);
  });
  expect(counted.reduce((sum, count) => sum + count)).toBe(80);
  one.watch.stop();
});

test("a line without an end is looked at when the program pauses, and told once", async () => {
  const one = watching("\\[y/N\\]|y");
  one.print("Really? [y/");
  await one.clock.advance(99);
  one.print("N] ");
  await one.clock.advance(1_000);
  expect(one.texts()).toEqual(["Really? [y/N] "]);
  one.print("yes\nyes\n");
  await one.clock.advance(10_000);
  expect(one.texts()).toEqual(["Really? [y/N] ", "yes"]);
  one.watch.stop();
});

test("a line is matched as it is shown", async () => {
  const one = watching("^error$", { redact: ["s3cret"] });
  one.print("\x1b[31merr\u200bor\x1b[0m\r\n 10%\rerror\n");
  await one.clock.advance(1_000);
  expect(one.texts()).toEqual(["error\nerror"]);
  one.watch.stop();
});

test("a pattern does not spell out a secret", async () => {
  const redact = ["s3cret-value"];
  for (const guess of ["s3", "key=s", "cret", "[0-9]", "value"]) {
    const one = watching(guess, { redact });
    one.print("key=s3cret-value\n");
    await one.clock.advance(1_000);
    expect(one.texts()).toEqual([]);
    one.watch.stop();
  }
  const known = watching("key=", { redact });
  known.print("key=s3cret-value\n");
  await known.clock.advance(1_000);
  expect(known.texts()).toEqual(["key=[REDACTED:SECRET]"]);
  known.watch.stop();
});

test("of a long line the place of the match is shown", async () => {
  const one = watching("ready");
  one.print(`${"🙂".repeat(4_000)} ready ${"y".repeat(4_000)}\n`);
  await one.clock.advance(1_000);
  const [text] = one.texts();
  expect(text).toMatch(/^…🙂+ ready y+…$/u);
  expect(text?.length).toBeLessThan(310);
  expect(text?.isWellFormed()).toBe(true);
  one.watch.stop();
});

test("what is told fits into a notification, with its remark", async () => {
  const one = watching("x");
  one.print(`${"x".repeat(1_000)}\n`.repeat(50));
  await one.clock.advance(1_000);
  expect(one.texts()[0]?.length).toBeLessThan(3_500);
  expect(one.texts()[0]).toMatch(/\(\d+ more lines match\)$/);
  one.watch.stop();
});

test("a burst is told, then one in ten seconds; after a minute of that it ends", async () => {
  const one = watching("tick");
  for (let index = 0; !one.ended() && index < 2_000; index += 1) {
    one.print(`tick ${index}\n`);
    await one.clock.advance(500);
  }
  const times = one.told.map(({ at }) => at);
  expect(one.clock.monotonic()).toBeLessThan(180_000);
  expect(times.filter((at) => at < 30_000).length).toBeGreaterThanOrEqual(5);
  const late = times.slice(-5).map((at, index, all) => at - (all[index - 1] ?? at));
  expect(Math.max(...late)).toBeGreaterThanOrEqual(9_000);
  expect(one.told.length).toBeLessThan(25);
  const last = one.texts().at(-1);
  expect(last).toMatch(/without a pause for a minute, so the watch ends\. Read on with read_task/);
  one.print("tick\n");
  await one.clock.advance(100_000);
  expect(one.texts().at(-1)).toBe(last);
  expect(one.clock.pendingTimers).toBe(0);
});

test("a flood ends it at once, with the byte from which on the rest can be read", async () => {
  const one = watching("^hit");
  one.print("miss\nhit 0\n");
  await one.clock.advance(1_000);
  const before = "miss\nhit 0\n".length;
  one.print("hit\n".repeat(5_000));
  await one.clock.advance(10_000);
  expect(one.told).toHaveLength(2);
  expect(one.texts()[1]).toMatch(/4990 more lines match\)\n\(There are too many of them/);
  expect(one.texts()[1]).toContain(`after: ${before}.`);
  expect(one.ended()).toBe(true);
  expect(one.clock.pendingTimers).toBe(0);
});

test("much that was printed before the watch is no flood", async () => {
  const one = watching("^hit");
  one.print("hit\n".repeat(50_000));
  await one.clock.advance(60_000);
  one.print("hit\n");
  await one.clock.advance(60_000);
  expect(one.texts()).toHaveLength(2);
  expect(one.ended()).toBe(false);
  one.watch.stop();
});

test("the end tells what was printed last, unfinished lines and tokens notwithstanding", async () => {
  const one = watching("hit");
  one.print("hit 1\n");
  await one.clock.advance(1_000);
  one.print("hit 2\nhit 3");
  await one.finish();
  expect(one.texts()).toEqual(["hit 1", "hit 2\nhit 3"]);
  expect(one.clock.pendingTimers).toBe(0);
  await one.finish();
  expect(one.told).toHaveLength(2);
});

test("the end says from where on nothing was looked at, if there was no time", async () => {
  const one = watching("(.*a){100}x");
  one.print(`${"b".repeat(20_000)}\n`);
  one.print(`${"ab".repeat(16_000)}\n`.repeat(200));
  await one.watch.finish(one.clock.monotonic());
  expect(one.texts()).toEqual([
    "\n(What follows was not looked at. Read it with read_task and after: 0.)",
  ]);
});

test("what could not be told is told later", async () => {
  const one = watching("hit");
  one.fail(2);
  one.print("hit\n");
  await one.clock.advance(5_000);
  expect(one.reports).toHaveLength(2);
  expect(one.texts()).toEqual(["hit"]);
  expect(one.watch.told).toBe(4);
  one.watch.stop();
});

test("says up to where it has told, and goes on from there", async () => {
  const first = watching("hit");
  first.print("hit 1\nmiss\n");
  await first.clock.advance(1_000);
  const { told } = first.watch;
  first.watch.stop();
  const second = watching("hit", { from: told });
  second.print("hit 1\nmiss\nhit 2\n");
  await second.clock.advance(1_000);
  expect(second.texts()).toEqual(["hit 2"]);
  second.watch.stop();
});
