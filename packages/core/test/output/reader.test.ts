import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { appendFile, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readBytes, readOutput } from "../../src/output/reader.ts";
import { renderOutput } from "../../src/render/render-output.ts";

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

test.each([
  ["a pipe", () => execFileSync("mkfifo", [path])],
  ["a link", () => symlinkSync("/etc/passwd", path)],
  ["a folder", () => mkdirSync(path)],
])("%s that somebody put in its place is not read", async (_, put) => {
  put();
  await expect(readOutput(path, {}, running)).rejects.toMatchObject({ code: "STORE" });
  await expect(readBytes(path, 0, 10)).rejects.toMatchObject({ code: "STORE" });
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

test("pages of whole lines give the whole text, and cut no line that fits into half a page", async () => {
  const lines = Array.from({ length: 200 }, (_, index) => "ä€".repeat(index % 7) + index);
  const text = `${lines.join("\n")}\n${"x".repeat(500)}\nend`;
  await writeFile(path, text);
  for (const maxBytes of [4, 64, 100, 1_000, 100_000]) {
    const pages: string[] = [];
    for (let after = 0, end = false; !end; ) {
      const page = await readOutput(path, { after, maxBytes, wholeLines: true }, settled);
      expect(page.next).toBeGreaterThan(after);
      ({ next: after, end } = page);
      pages.push(page.text);
    }
    expect(pages.join("")).toBe(text);
    if (maxBytes < 64) continue;
    const cut = pages.slice(0, -1).filter((page) => !page.endsWith("\n"));
    for (const page of cut) expect(page).toMatch(/x$/);
  }
});

test("a tail of whole lines begins with one", async () => {
  await writeFile(path, "one\ntwo\nthree\nfour\n");
  const read = (maxBytes: number) =>
    readOutput(path, { tail: true, maxBytes, wholeLines: true }, settled);
  expect((await read(15)).text).toBe("three\nfour\n");
  expect((await read(1_000)).text).toBe("one\ntwo\nthree\nfour\n");
  await writeFile(path, `${"x".repeat(100)}\nend`);
  expect((await read(50)).text).toBe(`${"x".repeat(46)}\nend`);
});

test("no secret is cut in two by a page, so that it would pass unseen", async () => {
  const token = `ghp_${"a1B2".repeat(9)}`;
  await writeFile(path, `${`log line with a token ${token} in it\n`.repeat(300)}`);
  for (let maxBytes = 300; maxBytes < 420; maxBytes += 1) {
    for (let after = 0, end = false; !end; ) {
      const page = await readOutput(path, { after, maxBytes, wholeLines: true }, settled);
      expect(renderOutput(page.text).text).not.toContain("a1B2");
      ({ next: after, end } = page);
    }
    const tail = await readOutput(path, { tail: true, maxBytes, wholeLines: true }, settled);
    expect(renderOutput(tail.text).text).not.toContain("a1B2");
  }
});

describe("of a file of 1 GB a page costs what it shows", () => {
  const size = 1_000_000_000;
  const reads: number[] = [];

  beforeEach(async () => {
    await writeFile(path, "first\n");
    await truncate(path, size - 5);
    await appendFile(path, "\nend\n");
    reads.length = 0;
    const file = await open(path);
    const prototype = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const read = prototype.read as (...given: unknown[]) => Promise<{ bytesRead: number }>;
    vi.spyOn(prototype, "read").mockImplementation(async function (this: FileHandle, ...given) {
      const result = await read.apply(this, given);
      reads.push(result.bytesRead);
      return result as never;
    });
  });
  afterEach(() => void vi.restoreAllMocks());

  const places: [string, { after?: number; tail?: boolean }, RegExp][] = [
    ["at the beginning", {}, /^first\n/],
    ["in the middle", { after: size / 2 }, /^\0+$/],
    ["at the end", { after: size - 4 }, /^end\n$/],
    ["from the end", { tail: true }, /\nend\n$/],
    ["of the last bytes behind a cursor", { tail: true, after: size - 4 }, /^end\n$/],
  ];

  test.each(places)("%s", async (_what, place, expected) => {
    for (const wholeLines of [false, true]) {
      reads.length = 0;
      const wanted = { ...place, maxBytes: 16_384, wholeLines };
      const { text } = await readOutput(path, wanted, { settled: true, capBytes: 2 * size });
      expect(text).toMatch(expected);
      expect(reads).toHaveLength(1);
      expect(reads[0]).toBeLessThanOrEqual(16_384);
    }
  });
});

test("output at its cap counts as truncated", async () => {
  await writeFile(path, "x".repeat(10));
  expect((await readOutput(path, {}, { ...settled, capBytes: 10 })).truncated).toBe(true);
  expect((await readOutput(path, {}, { ...settled, capBytes: 11 })).truncated).toBe(false);
});
