import assert from "node:assert/strict";
import { test } from "vitest";
import { renderOutput } from "../../src/render/render-output.ts";

/** What costs quadratic time where a step looks ahead, or back, without a bound. */
const hostile = [
  "A",
  "\x1b",
  "\x1b[",
  "\x1b]",
  "\x9d",
  "\x9d\n",
  "\x1b]\n",
  "\x1bP",
  "\x90\x1b",
  "\r",
  "\b",
  "\r\x1b[K",
  "\n",
  " ",
  "\u0301",
  "\u200b",
  "\u{1f468}\u200d",
  "<",
  "< ",
  "<<",
  "</",
  "<|",
  "<a:",
  "[",
  "[ ",
  "Human\n",
  "#",
  "eyJ",
  "eyJhbGciOi.",
  "sk-",
  "sk-ant-",
  "-",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY-----\n",
  "password='",
  'secret"  :  "',
  "token=",
  "bearer ",
  "authorization: ",
  "://a:",
  "gh",
  "<\u0416ask",
  "\u0416uman\n",
  "(",
  "1,",
  "0000000: 61 62\n",
  "\\061",
  'password=\\"',
  "<password>",
  "mysql -",
  "Private-Lines: 1\n",
  "$5$aaaa$",
  "M".repeat(26).concat("."),
  "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
];

// A million characters at quadratic cost take minutes at least, beyond the time limit of a test.
test.each(hostile)("a million characters of %j are rendered", (piece) => {
  const { text } = renderOutput(piece.repeat(1_000_000 / piece.length), {
    redact: ["known-secret-value"],
  });
  assert.ok(text.length <= 30_100);
});

test("a long line behind which every step has to look to the end", () => {
  const { text } = renderOutput(`<${" ".repeat(1_000_000)}|\r${"\t".repeat(1_000_000)}x`);
  assert.ok(text.length <= 30_100);
});
