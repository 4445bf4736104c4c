import assert from "node:assert/strict";
import { test } from "vitest";
import { parsePattern } from "../../../src/output/pattern/parse.ts";
import { compileProgram } from "../../../src/output/pattern/program.ts";
import { simulate } from "../../../src/output/pattern/simulate.ts";

/** Patterns on which backtracking takes exponential or polynomial time. */
const hostile = [
  "(a+)+$",
  "(a|a)*$",
  "(a|aa)+$",
  "(.*)*x",
  "(.*a){20}x",
  "a*a*a*a*a*b",
  "(?:a?){200}a{200}$",
  "([a-z]+)*\\d",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
];

test.each(hostile)("%s takes at most two steps for each instruction and character", (source) => {
  const program = compileProgram(parsePattern(source), source);
  for (const length of [100, 1_000, 10_000]) {
    const text = `${"a".repeat(length)}!`;
    const { steps } = simulate(program, text, false);
    assert.ok(steps <= 2 * program.instructions.length * (text.length + 1), `${steps} steps`);
  }
});

test("(a+)+$ on 100,000 characters", () => {
  const source = "(a+)+$";
  const program = compileProgram(parsePattern(source), source);
  const text = `${"a".repeat(100_000)}!`;
  const { matched, steps } = simulate(program, text, false);
  assert.equal(matched, false);
  assert.ok(steps <= 20 * text.length, `${steps} steps`);
});
