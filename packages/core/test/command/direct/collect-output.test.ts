import { type FileHandle, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock/system-clock.ts";
import { collectOutput } from "../../../src/command/direct/collect-output.ts";

const clock = systemClock();
let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "meanwhile-collect-"));
  file = join(directory, "output");
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe("collected output", () => {
  it("keeps the order in which pieces came from two streams", async () => {
    const [one, other] = [new PassThrough(), new PassThrough()];
    const output = collectOutput([one, other], {
      file: await open(file, "a"),
      maxBytes: 99,
      clock,
    });
    for (const [index, stream] of [one, other, other, one, other, one].entries()) {
      stream.write(String(index));
      await new Promise((resolve) => setImmediate(resolve));
    }
    one.end();
    other.end();
    await output.ended;
    expect(await readFile(file, "utf8")).toBe("012345");
    await output.finish();
    expect(output.isCut()).toBe(false);
  });

  it("says at once that more came than is kept, and goes on reading", async () => {
    const stream = new PassThrough();
    const output = collectOutput([stream], { file: await open(file, "a"), maxBytes: 3, clock });
    stream.write("abcde");
    await output.overflowed;
    for (let piece = 0; piece < 100; piece++) {
      if (!stream.write("x".repeat(10_000)))
        await new Promise((resolve) => stream.once("drain", resolve));
    }
    stream.end();
    await output.ended;
    await output.finish();
    expect(output.isCut()).toBe(true);
    expect(await readFile(file, "utf8")).toBe("abc");
  });

  it("keeps nothing when there is no room, but takes an empty output for whole", async () => {
    const stream = new PassThrough();
    const output = collectOutput([stream], { file: await open(file, "a"), maxBytes: -5, clock });
    expect(output.isCut()).toBe(false);
    stream.end("x");
    await output.finish();
    expect(output.isCut()).toBe(true);
    expect(await readFile(file, "utf8")).toBe("");
  });

  it("takes what waits in a stream that never ends, and closes it", async () => {
    const stream = new PassThrough();
    const output = collectOutput([stream], { file: await open(file, "a"), maxBytes: 1e9, clock });
    for (let piece = 0; piece < 50; piece++) stream.write("x".repeat(50_000));
    await output.finish();
    expect(await readFile(file, "utf8")).toHaveLength(2_500_000);
    expect(stream.destroyed).toBe(true);
  });

  it("waits for no more than a moment for a stream that never stops", async () => {
    const stream = new PassThrough();
    const handle = await open(file, "a");
    const output = collectOutput([stream], { file: handle, maxBytes: 1_000, clock });
    const print = (): void => {
      if (stream.destroyed) return;
      stream.write("x");
      setImmediate(print);
    };
    print();
    const start = performance.now();
    await output.finish();
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(stream.destroyed).toBe(true);
  });

  it("is called cut when the disk is full, and is read on", async () => {
    const stream = new PassThrough();
    const output = collectOutput([stream], {
      file: await open("/dev/full", "a"),
      maxBytes: 1e6,
      clock,
    });
    stream.write("lost");
    stream.end("lost as well");
    await output.ended;
    await output.finish();
    expect(output.isCut()).toBe(true);
  });

  it("has about a megabyte in memory, no more, while the disk is slow", async () => {
    const stream = new PassThrough();
    const release = Promise.withResolvers<void>();
    const slow = {
      appendFile: () => release.promise,
      close: () => Promise.resolve(),
    } as unknown as FileHandle;
    const output = collectOutput([stream], { file: slow, maxBytes: 1e9, clock });
    let accepted = 0;
    while (stream.write("x".repeat(10_000)) && accepted < 1_000) {
      accepted += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(accepted).toBeGreaterThan(50);
    expect(accepted).toBeLessThan(120);
    release.resolve();
    stream.end();
    await output.finish();
  });
});
