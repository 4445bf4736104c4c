import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { MeanwhileError } from "../../../src/errors.ts";
import { compilePattern, type Pattern } from "../../../src/output/pattern/pattern.ts";
import { pick, seeded } from "../../support/seeded.ts";

const matches = (pattern: Pattern, text: string): boolean =>
  pattern.search(text).run(Number.POSITIVE_INFINITY) !== -1;

describe("a pattern matches as the same RegExp does", () => {
  const patterns = [
    "error",
    "^error",
    "error$",
    "^$",
    "a|bc|",
    "(?:ab)+c",
    "(?<name>a)b",
    "a{2}",
    "a{2,}b",
    "^a{1,3}$",
    "a*?b+?c??",
    "[abc]x[^abc]",
    "[a-c\\d_-]+$",
    "[\\]\\-^]",
    "[^]",
    "[]",
    "\\d+\\.\\d+",
    "\\bword\\b",
    "\\Bord",
    "\\w+\\s\\W",
    "[^\\s\\D]",
    "\\x41\\u0042\\u{43}",
    "\\/\\.\\*\\(\\)\\[\\]\\{\\}\\^\\$\\|\\+\\?\\\\",
    "a.c",
    "((a*)*)*b",
    "(a|aa)+$",
    "(|a)+b",
    "\u{1f600}{2}",
    "^.$",
    "\\0",
    "[\\b]",
    "(?:)",
    "a(?:)*b",
  ];
  const texts = [
    "",
    "a",
    "ab",
    "abc",
    "aab",
    "aaab",
    "an error",
    "error: no",
    "a word here",
    "sword",
    "bx1",
    "cx-",
    "3.14",
    "ABC",
    "/.*()[]{}^$|+?\\",
    "a\nc",
    "a\u2028c",
    "\u{1f600}\u{1f600}",
    "\u{1f600}",
    "\0\b",
    "]",
    "^",
    "a_b ! é",
  ];

  test.each(patterns)("%s", (source) => {
    const pattern = compilePattern(source);
    const reference = new RegExp(source, "u");
    for (const text of texts) {
      assert.equal(matches(pattern, text), reference.test(text), JSON.stringify(text));
    }
  });

  test("for random small patterns and texts", () => {
    for (let seed = 1; seed <= 5_000; seed += 1) {
      const random = seeded(seed);
      const source = randomPattern(random, 3);
      const pattern = compilePattern(source);
      const reference = new RegExp(source, "u");
      // Node finds \B in the middle of a surrogate pair, where ECMAScript does not look.
      const characters = ["a", "b", "c", "A", "1", " ", "\n"];
      if (!source.includes("\\B")) characters.push("\u{1f600}");
      for (let count = 0; count < 10; count += 1) {
        const text = Array.from({ length: Math.floor(random() * 9) }, () =>
          pick(random, characters),
        ).join("");
        assert.equal(
          matches(pattern, text),
          reference.test(text),
          `seed ${seed}: /${source}/ on ${JSON.stringify(text)}`,
        );
      }
    }
  });
});

function randomPattern(random: () => number, depth: number): string {
  const kind = Math.floor(random() * (depth > 0 ? 9 : 4));
  const inner = () => randomPattern(random, depth - 1);
  switch (kind) {
    case 0:
    case 1:
      return pick(random, ["a", "b", "c", "1", "\u{1f600}"]);
    case 2:
      return pick(random, [
        ".",
        "\\d",
        "\\w",
        "\\s",
        "\\D",
        "\\W",
        "\\S",
        "[ab]",
        "[^a-b1]",
        "[\\d ]",
      ]);
    case 3:
      return pick(random, ["^", "$", "\\b", "\\B", ""]);
    case 4:
      return `${inner()}${inner()}`;
    case 5:
      return `(?:${inner()}|${inner()})`;
    case 6:
      return `(${inner()}|a)`;
    default:
      // An assertion alone cannot be repeated, so the group holds something else as well.
      return `(?:${inner()}b?)${pick(random, ["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "{0}"])}`;
  }
}

describe("a pattern that cannot be used is refused with its reason", () => {
  const rows: [string, RegExp][] = [
    ["(a)\\1", /backreference/],
    ["(?<n>a)\\k<n>", /backreference/],
    ["a(?=b)", /look-around/],
    ["a(?!b)", /look-around/],
    ["(?<=a)b", /look-around/],
    ["(?<!a)b", /look-around/],
    ["(?>a)", /kind of group/],
    ["(?i)a", /kind of group/],
    ["\\p{L}", /Unicode property/],
    ["[[:alpha:]]", /POSIX class/],
    ["\\A", /\\A, which is not supported/],
    ["a\\", /ends in a backslash/],
    ["(a", /without its \)/],
    ["a)", /without its \(/],
    ["[a", /without its \]/],
    ["[z-a]", /out of order/],
    ["*a", /nothing before it/],
    ["a**", /repeats a repeat/],
    ["a*+", /possessive/],
    ["^*", /repeats \^/],
    ["a{3,2}", /swapped/],
    ["a{1001}", /count above 1000/],
    ["(a{100}){100}", /too large/],
    ["((((a{9}){9}){9}){9}){9}", /too large/],
    ["(|){1000}(|){1000}", /too large/],
    ["\\u{110000}", /no character/],
    ["(".repeat(101), /deeper than 100/],
    ["a".repeat(1_001), /longer than 1000/],
  ];

  test.each(rows)("%s", (source, reason) => {
    assert.throws(
      () => compilePattern(source),
      (error) => MeanwhileError.isInstance(error, "INVALID_INPUT") && reason.test(error.message),
    );
  });

  test("empty groups that are repeated without end cost nothing", () => {
    assert.equal(matches(compilePattern("((((){1000}){1000}){1000}){1000}"), "x"), true);
  });
});

test.each([
  "(((((a{0}){1000}){1000}){1000}){1000}){1000}",
  "((((b(?:a{0}){1000}){0}){1000}){1000}){1000}",
])("nor does what is repeated zero times: %s", (source) => {
  assert.equal(matches(compilePattern(source), "x"), true);
});

describe("where a match ends", () => {
  const rows: [string, string, number][] = [
    ["b", "abc", 2],
    ["b+", "abbbc", 2],
    ["^", "abc", 0],
    ["$", "abc", 3],
    ["c$", "abc", 3],
    ["x", "abc", -1],
    ["\u{1f600}.", "a\u{1f600}bc", 4],
    ["\\d", "no digit \u{1f600} but 7", 17],
  ];

  test.each(rows)("%s in %j", (source, text, end) => {
    assert.equal(compilePattern(source).search(text).run(1_000), end);
  });

  test("is the same in pieces of any size", () => {
    for (const source of ["(a|b)+c\\b", "\\d{3}$", "[^x]*y", "\\bfoo", "z"]) {
      for (const text of ["ab abc", "no digits 12 123", "xxxxxy", "a food foo", ""]) {
        const pattern = compilePattern(source);
        const whole = pattern.search(text).run(Number.POSITIVE_INFINITY);
        for (let steps = 1; steps < 8; steps += 1) {
          const search = pattern.search(text);
          let found = search.run(steps);
          while (found === undefined) found = search.run(steps);
          assert.equal(found, whole, `${source} in ${text} by ${steps}`);
        }
      }
    }
  });
});

describe("braces that are no count stand for themselves", () => {
  test.each(["{", "a{", "a{}", "{a}", "a{,2}", '{"a":1}'])("%s", (source) => {
    assert.equal(matches(compilePattern(source), `x${source}y`), true);
  });
});
