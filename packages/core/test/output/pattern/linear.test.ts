import assert from "node:assert/strict";
import { test } from "vitest";
import { createAutomaton } from "../../../src/output/pattern/automaton.ts";
import { parsePattern } from "../../../src/output/pattern/parse.ts";
import { compileProgram } from "../../../src/output/pattern/program.ts";
import { beginSearch } from "../../../src/output/pattern/search.ts";
import { pick, seeded } from "../../support/seeded.ts";

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
  ".{0,990}b",
];

function prepare(source: string) {
  const program = compileProgram(parsePattern(source), source);
  return { automaton: createAutomaton(program), size: program.instructions.length };
}

/** Lines that lead into ever new states, and ones that do not. */
const lines = (length: number): string[] => [
  `${"a".repeat(length)}!`,
  randomText(length, "ab"),
  randomText(length, "abcdefghijklmnopqrstuvwxyz0123456789 _-é\u{1f600}"),
];

function randomText(length: number, alphabet: string): string {
  const random = seeded(length);
  return Array.from({ length }, () => pick(random, [...alphabet])).join("");
}

test.each(hostile)("%s takes at most two steps for each instruction and character", (source) => {
  for (const length of [100, 1_000, 3_000]) {
    for (const text of lines(length)) {
      const { automaton, size } = prepare(source);
      beginSearch(automaton, text).run(Number.POSITIVE_INFINITY);
      assert.ok(automaton.steps <= 2 * size * (text.length + 1), `${automaton.steps} steps`);
    }
  }
});

test.each(hostile)(
  "a piece of a search for %s takes few more steps than it was given",
  (source) => {
    for (const text of lines(20_000)) {
      const { automaton, size } = prepare(source);
      const search = beginSearch(automaton, text);
      for (let piece = 0; piece < 5; piece += 1) {
        const before = automaton.steps;
        if (search.run(10_000) !== undefined) break;
        assert.ok(automaton.steps - before <= 10_000 + 2 * size);
      }
    }
  },
);

test("what is known costs no steps", () => {
  const { automaton } = prepare("(error|fail)(ed)?: \\d+");
  const text = "2026-01-01 info: all is well, no error 1, failed: never\n".repeat(2_000);
  assert.equal(beginSearch(automaton, text).run(Number.POSITIVE_INFINITY), -1);
  assert.ok(automaton.steps < 10_000, `${automaton.steps} steps`);
});

test("what is forgotten to save memory is worked out anew", () => {
  const source = "(?:a|b)*a(?:a|b){14}c";
  const { automaton } = prepare(source);
  const text = randomText(40_000, "ab");
  assert.equal(beginSearch(automaton, text).run(Number.POSITIVE_INFINITY), -1);
  const end = text.length + 16;
  const found = beginSearch(automaton, `${text}a${"b".repeat(14)}c`).run(Number.POSITIVE_INFINITY);
  assert.equal(found, end);
  assert.ok(automaton.bytes < 1_100_000, `${automaton.bytes} bytes`);
});
