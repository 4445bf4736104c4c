import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readOutput } from "../../src/output/reader.ts";

let path = "";

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "meanwhile-reader-")), "output");
});
afterEach(() => rm(join(path, ".."), { recursive: true, force: true }));

const settled = { settled: true, capBytes: 1_000_000 };
const running = { settled: false, capBytes: 1_000_000 };

test("a file that does not exist is empty output", async () => {
  expect(await readOutput(path, {}, settled)).toEqual({
    text: "",
    next: 0,
    end: true,
    truncated: false,
  });
  expect(await readOutput(path, { after: 7 }, running)).toMatchObject({ next: 7, end: false });
});

test("pages of any size give the whole text, and never a broken character", async () => {
  const text = "aä€💥".repeat(40);
  await writeFile(path, text);
  for (let maxBytes = 4; maxBytes < 40; maxBytes += 1) {
    let read = "";
    let after = 0;
    for (;;) {
      const chunk = await readOutput(path, { after, maxBytes }, settled);
      read += chunk.text;
      after = chunk.next;
      if (chunk.end) break;
    }
    expect(read).toBe(text);
  }
});

test("goes on with pages that are smaller than a character", async () => {
  await writeFile(path, "💥a");
  let after = 0;
  let reads = 0;
  for (let end = false; !end; reads += 1) {
    ({ next: after, end } = await readOutput(path, { after, maxBytes: 1 }, settled));
  }
  expect([after, reads]).toEqual([5, 5]);
});

test("a character that is half written is left for later while the task runs, and shown at its end", async () => {
  await writeFile(path, Buffer.from("ab💥").subarray(0, 4));
  expect(await readOutput(path, {}, running)).toMatchObject({ text: "ab", next: 2, end: false });
  const last = await readOutput(path, {}, settled);
  expect(last).toMatchObject({ next: 4, end: true });
  expect(last.text).toMatch(/^ab\ufffd/);
});

test("the tail begins with a whole character", async () => {
  await writeFile(path, "💥".repeat(10));
  for (let maxBytes = 4; maxBytes < 12; maxBytes += 1) {
    const { text, next } = await readOutput(path, { tail: true, maxBytes }, settled);
    expect(text).toBe("💥".repeat(Math.floor(maxBytes / 4)));
    expect(next).toBe(40);
  }
  expect(await readOutput(path, { tail: true, after: 36, maxBytes: 100 }, settled)).toMatchObject({
    text: "💥",
  });
});

test("output at its cap counts as truncated", async () => {
  await writeFile(path, "x".repeat(10));
  expect((await readOutput(path, {}, { ...settled, capBytes: 10 })).truncated).toBe(true);
  expect((await readOutput(path, {}, { ...settled, capBytes: 11 })).truncated).toBe(false);
});
