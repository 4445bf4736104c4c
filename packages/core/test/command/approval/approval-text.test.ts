import { describe, expect, it } from "vitest";
import {
  approvalText,
  beginning,
  requestText,
} from "../../../src/command/approval/approval-text.ts";
import { visibleWord } from "../../../src/command/approval/visible-word.ts";
import type { CommandGrant } from "../../../src/command/policy/policy.ts";
import { pick, seeded } from "../../support/seeded.ts";

const sandbox = { name: "bubblewrap", wrap: () => Promise.reject(new Error("not used")) };

function grant(changes: Partial<CommandGrant> = {}): CommandGrant {
  return { executable: "/usr/bin/git", argv: ["git", "log"], cwd: "/work", env: {}, ...changes };
}

function text(changes: Partial<CommandGrant>, env?: Record<string, string>): string {
  return approvalText(grant(changes), env === undefined ? {} : { env });
}

describe("the text of a command", () => {
  it("shows program, arguments and folder", () => {
    expect(text({})).toBe("/usr/bin/git log (cwd /work)");
  });

  it("shows everything else where there is something else", () => {
    const shown = text(
      {
        argv: ["g", "log", "a b"],
        env: { PATH: "/bin", TZ: "UTC", NOTE: "it's" },
        limits: { timeMs: 60_000, processes: 4 },
        leftovers: "report",
        sandbox,
      },
      { TZ: "given by the request, not what counts", NOTE: "x" },
    );
    expect(shown).toBe(
      "/usr/bin/git log 'a b' (as g; cwd /work; env NOTE=$'it\\'s' TZ=UTC; limits processes=4 timeMs=60000; leftovers report; sandbox bubblewrap)",
    );
  });

  it("shows a shell line as the argument that it is", () => {
    const shown = text({ executable: "/bin/sh", argv: ["sh", "-c", "rm -rf x; # ok\nrm y"] });
    expect(shown).toBe("/bin/sh -c $'rm -rf x; # ok\\u{a}rm y' (cwd /work)");
  });

  it("is not cut", () => {
    const argument = "x".repeat(50_000);
    expect(text({ argv: ["git", argument] })).toBe(`/usr/bin/git ${argument} (cwd /work)`);
  });
});

const lies: readonly (readonly [string, string, string])[] = [
  ["nothing", "", "''"],
  ["a trailing space", "a ", "'a '"],
  ["two words in one", "a b", "'a b'"],
  ["a tab", "a\tb", "$'a\\u{9}b'"],
  ["a newline", "log\nrm -rf /", "$'log\\u{a}rm -rf /'"],
  ["a carriage return that overwrites", "rm\rls", "$'rm\\u{d}ls'"],
  ["a backspace", "rm\b\bls", "$'rm\\u{8}\\u{8}ls'"],
  ["ANSI that hides", "\u001b[8mrm\u001b[0m", "$'\\u{1b}[8mrm\\u{1b}[0m'"],
  ["a C1 control sequence", "\u009b2K", "$'\\u{9b}2K'"],
  ["a bidi override", "a\u202etxt.sh", "$'a\\u{202e}txt.sh'"],
  ["a bidi isolate", "\u2066x\u2069", "$'\\u{2066}x\\u{2069}'"],
  ["a zero-width space", "r\u200bm", "$'r\\u{200b}m'"],
  ["a tag character", "x\u{e0041}", "$'x\\u{e0041}'"],
  ["a no-break space", "a\u00a0b", "$'a\\u{a0}b'"],
  ["a line separator", "a\u2028b", "$'a\\u{2028}b'"],
  ["a Cyrillic letter", "p\u0430ssword", "$'p\\u{430}ssword'"],
  ["an emoji", "\u{1f600}", "$'\\u{1f600}'"],
  ["half a surrogate pair", "\ud83d", "$'\\u{d83d}'"],
  ["a quote that ends the word", "a' rm 'b", "$'a\\' rm \\'b'"],
  ["double quotes", '"a"', `'"a"'`],
  ["an escape spelt out", "\\u{202e}", "$'\\\\u{202e}'"],
  ["a backslash at the end", "a\\", "$'a\\\\'"],
  ["the end of the arguments", "(cwd /safe)", "'(cwd /safe)'"],
  ["a variable", "$HOME", "'$HOME'"],
  ["a comment", "#", "'#'"],
  ["a home folder", "~", "'~'"],
  ["a flag", "--depth=1", "--depth=1"],
];

describe("the text of a command cannot lie", () => {
  it.each(lies)("with %s", (_, argument, word) => {
    expect(visibleWord(argument)).toBe(word);
    expect(text({ argv: ["git", argument] })).toBe(`/usr/bin/git ${word} (cwd /work)`);
    expect(text({ cwd: `/${argument}` })).toMatch(/^[\x20-\x7e]+$/);
    expect(text({ env: { [argument]: argument } }, { [argument]: "" })).toMatch(/^[\x20-\x7e]+$/);
  });

  it("about which variable has which value", () => {
    const one = text({ env: { A: "B=c" } }, { A: "" });
    const other = text({ env: { "A=B": "c" } }, { "A=B": "" });
    expect(one).toContain("env A=B=c");
    expect(other).toContain("env 'A=B'=c");
  });

  it("about inherited names", () => {
    expect(text({ env: {} }, { toString: "x" })).toBe("/usr/bin/git log (cwd /work)");
    const env = JSON.parse('{"__proto__":"x"}');
    expect(text({ env }, env)).toContain("env __proto__=x");
  });

  it("so that two commands never have one text", () => {
    const random = seeded(7);
    const pieces = [
      "a",
      "b",
      " ",
      "'",
      "\\",
      "\n",
      "(",
      ")",
      ";",
      "cwd",
      "/",
      "=",
      "u{a}",
      "$",
      "é",
    ];
    const some = (): string =>
      Array.from({ length: Math.floor(random() * 4) }, () => pick(random, pieces)).join("");
    const seen = new Map<string, string>();
    for (let round = 0; round < 20_000; round += 1) {
      const argv = Array.from({ length: 1 + Math.floor(random() * 3) }, some);
      const env = random() < 0.5 ? { [some()]: some() } : {};
      const made = { executable: `/${some()}`, argv, cwd: `/${some()}`, env };
      const shown = approvalText(made, { env });
      const what = JSON.stringify(made);
      expect(seen.get(shown) ?? what).toBe(what);
      seen.set(shown, what);
      expect(shown).toMatch(/^[\x20-\x7e]+$/);
    }
  });
});

describe("the text of a request that was not granted", () => {
  it.each([
    [{ argv: ["git", "log\n"], session: "s" }, "git $'log\\u{a}'"],
    [{ shell: "ls | wc", cwd: "a b", session: "s" }, "'ls | wc' (cwd 'a b'; shell)"],
    [{ argv: ["x"], env: { B: "2", A: "1" }, session: "s" }, "x (env A=1 B=2)"],
  ])("%j", (request, shown) => {
    expect(requestText(request)).toBe(shown);
  });
});

it("a text that is cut says so, and how long it was", () => {
  expect(beginning("x".repeat(10), 10)).toBe("xxxxxxxxxx");
  expect(beginning("x".repeat(11), 10)).toBe("xxxxxxxxxx... (the first 10 of 11 characters)");
});
