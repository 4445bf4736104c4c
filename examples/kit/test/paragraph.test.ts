import { expect, test } from "vitest";
import { startParagraph } from "../src/paragraph.ts";

function write(parts: readonly string[], columns: number): string {
  let text = "";
  const paragraph = startParagraph(
    (part) => {
      text += part;
    },
    { columns, indent: 2 },
  );
  for (const part of parts) paragraph.write(part);
  paragraph.end();
  return text;
}

test("lines are broken between words, and begin behind the indent", () => {
  expect(write(["one two three four"], 12)).toBe("one two\n  three\n  four\n");
});

test("a word that comes in pieces is not broken", () => {
  expect(write(["one tw", "o th", "ree"], 12)).toBe("one two\n  three\n");
});

test("lines that a text has of its own are kept", () => {
  expect(write(["one\n\ntwo "], 80)).toBe("one\n\n  two\n");
});

test("without a width nothing is broken", () => {
  const text = "word ".repeat(100).trim();
  expect(write([text], Number.POSITIVE_INFINITY)).toBe(`${text}\n`);
});

test("a word that is too long for a line gets one of its own", () => {
  expect(write(["a http://127.0.0.1:8080/long b"], 12)).toBe(
    "a\n  http://127.0.0.1:8080/long\n  b\n",
  );
});
