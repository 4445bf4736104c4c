import { expect, test } from "vitest";
import { createLineReader, longestLine } from "../../../src/output/watch/line-reader.ts";

/** An output in memory that grows, and how much of it was read. */
function growing(text = "") {
  let bytes = Buffer.from(text);
  const source = {
    read: 0,
    largest: 0,
    add(more: string | Uint8Array) {
      bytes = Buffer.concat([bytes, Buffer.from(more as string)]);
    },
    reader: (from = 0) =>
      createLineReader(
        {
          async read(after, maxBytes) {
            const piece = bytes.subarray(after, after + maxBytes);
            source.read += piece.length;
            source.largest = Math.max(source.largest, piece.length);
            return piece;
          },
        },
        from,
      ),
  };
  return source;
}

const whole = { rest: false };

test("gives whole lines, and an unfinished one only when it is asked for", async () => {
  const output = growing("one\ntwo\nthr");
  const reader = output.reader();
  expect(await reader.next(whole)).toEqual({ text: "one\ntwo", start: 0, unfinished: false });
  expect(await reader.next(whole)).toBeUndefined();
  expect(await reader.next({ rest: true })).toEqual({ text: "thr", start: 8, unfinished: true });
  output.add("ee\n");
  expect(await reader.next(whole)).toEqual({ text: "three", start: 8, unfinished: false });
  expect(reader.after).toBe(14);
});

test("passes over the rest of a line that was taken unfinished", async () => {
  const output = growing("ready? [y/N] ");
  const reader = output.reader();
  await reader.next({ rest: true });
  reader.skipLine();
  output.add("y");
  expect(await reader.next({ rest: true })).toBeUndefined();
  output.add("es\nnext\n");
  expect((await reader.next(whole))?.text).toBe("next");
});

test("begins behind the line in which it is told to begin", async () => {
  const output = growing("told and more\nnext\n");
  expect((await output.reader(4).next(whole))?.text).toBe("next");
  expect((await output.reader(14).next(whole))?.text).toBe("next");
});

test("gives the beginning of a line of 100 MB, and holds a bounded piece of it", async () => {
  let bytes = 0;
  const size = 100_000_000;
  const line = Buffer.alloc(longestLine, "x");
  const last = Buffer.from("\nnext\n");
  const reader = createLineReader(
    {
      async read(after, maxBytes) {
        bytes += maxBytes;
        if (after >= size) return last.subarray(after - size);
        return line.subarray(0, Math.min(maxBytes, size - after));
      },
    },
    0,
  );
  expect((await reader.next(whole))?.text.length).toBe(longestLine);
  expect((await reader.next(whole))?.text).toBe("next");
  expect(bytes).toBeLessThan(size + 5 * longestLine);
});

test("gives every line once, whatever its length and wherever a read ends", async () => {
  for (const length of [longestLine - 2, longestLine - 1, longestLine, longestLine + 1, 7]) {
    for (let before = 0; before < 4; before += 1) {
      const lines = ["ä".repeat(before), "ö".repeat(length / 2), "end", "🙂".repeat(10_000), ""];
      const reader = growing(lines.map((line) => `${line}\n`).join("")).reader();
      const given: string[] = [];
      for (;;) {
        const next = await reader.next(whole);
        if (next === undefined) break;
        given.push(...next.text.split("\n"));
      }
      const start = (line: string) =>
        Buffer.from(line).subarray(0, longestLine).toString().replace(/�+$/, "");
      expect(given).toEqual(lines.map(start));
    }
  }
});
