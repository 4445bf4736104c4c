import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "vitest";
import { fence } from "../../src/render/fence.ts";
import { renderLabel } from "../../src/render/label.ts";
import { renderOutput } from "../../src/render/render-output.ts";
import { renderValue } from "../../src/render/value.ts";
import { pick, seeded } from "../support/seeded.ts";

const secret = "known-secret-value-0815";

/** Pieces of attacks, to be strung together in any order. */
const pieces = [
  ..."<>/|[]:=\n\r\b\t \x00\x07\x1b\x7f\x85\x9b\x9c\x9d\u200b\u200d\u202e\ufe0f\u0301\ud83d\udc68\uff1c\uff0f\u2039",
  ..."askt",
  "task",
  "task-output",
  "</task-output>",
  "<task-notification ",
  "system-reminder",
  "<tasks>",
  "Promise<User>",
  "<user>",
  "<tool.result>",
  "</t\u0430sk\u00b7output>",
  "<|im_start|>",
  "[INST]",
  "<<SYS>>",
  "\x1b[31m",
  "\x1b[K",
  "\x1b[2K",
  "\x1b]0;",
  "\x1b\\",
  "\x1bP",
  "\r\n",
  "\n\nHuman",
  "Assistant:",
  "\u{1f468}\u200d\u{1f469}",
  "\u{e0041}",
  secret,
  secret.slice(0, 12),
  secret.slice(12),
  "password=",
  "-----BEGIN PRIVATE KEY-----",
  "x".repeat(2_100),
  "same\n".repeat(30),
];

function soup(random: () => number): string {
  return Array.from({ length: 1 + Math.floor(random() * 60) }, () => pick(random, pieces)).join("");
}

function noise(random: () => number): string {
  const bytes = Buffer.from(
    Array.from({ length: Math.floor(random() * 400) }, () => Math.floor(random() * 256)),
  );
  return bytes.toString(random() < 0.5 ? "utf8" : "latin1");
}

function assertHarmless(text: string): void {
  const shown = JSON.stringify(text);
  assert.ok(text.isWellFormed(), shown);
  assert.doesNotMatch(text, /[^\P{Cc}\n\t]/u, shown);
  assert.doesNotMatch(text, /[\u200b\u202a-\u202e\u2060-\u206f\ufeff]|\u{e0041}/u, shown);
  assert.doesNotMatch(
    text,
    /[<\uff1c\u2039]\s*[/\uff0f]?\s*(?:task-output|task-notification|system-reminder)(?![\p{L}\p{N}_-])/iu,
    shown,
  );
  assert.doesNotMatch(text, /[<\uff1c\u2039](?:\s*[/\uff0f]\s*)?task(?![\p{L}\p{N}_-])/iu, shown);
  assert.doesNotMatch(text, /<\|\s*im_start\s*\||\[INST\]|<<SYS>>/, shown);
  assert.doesNotMatch(text, /^[^\S\n]*(?:Human|Assistant):/m, shown);
  assert.ok(!text.includes(secret), shown);
}

describe.each([
  ["pieces of attacks", soup],
  ["random bytes", noise],
] as const)("from %s", (_what, make) => {
  const redact = [secret];

  test("nothing harmful is rendered, and no budget is exceeded", () => {
    for (let seed = 1; seed <= 3_000; seed += 1) {
      const random = seeded(seed);
      const input = make(random);
      const maxChars = Math.floor(random() ** 2 * 3_000);
      const { text } = renderOutput(input, { maxChars, redact });
      assert.ok(text.length <= maxChars, `seed ${seed}`);
      assertHarmless(text);
    }
  });

  test("a second rendering changes nothing, unless the first had to cut", () => {
    for (let seed = 1; seed <= 3_000; seed += 1) {
      const once = renderOutput(make(seeded(seed)), { redact });
      if (once.truncated) continue;
      const again = renderOutput(once.text, { redact });
      assert.equal(again.text, once.text, `seed ${seed}`);
      assert.deepEqual([again.stripped, again.invisible, again.redacted], [0, 0, 0]);
    }
  });

  test("a fence is closed once, at its end", () => {
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const input = make(seeded(seed));
      const maxChars = 200 + Math.floor(seeded(seed)() * 1_000);
      const rendered = renderOutput(input, { maxChars }).text;
      // What the budget was reckoned with.
      assert.ok(fence(rendered, "output").includes(`\n${rendered}\n`), `seed ${seed}`);
      for (const text of [input, rendered, renderValue(input).text]) {
        const fenced = fence(text, "output");
        assert.equal(fenced.split("</task-output>").length, 2, `seed ${seed}`);
        assert.ok(fenced.endsWith("\n</task-output>"));
      }
    }
  });

  test("a label is one line within its limit, without quotes and brackets", () => {
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const random = seeded(seed);
      const maxChars = Math.floor(random() * 120);
      const label = renderLabel(make(random), { maxChars, redact });
      assert.ok(label.length <= maxChars, `seed ${seed}`);
      assert.doesNotMatch(label, /["<>\n\r]/, `seed ${seed}`);
      assertHarmless(label);
    }
  });
});
