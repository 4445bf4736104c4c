import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createGrammar, type Grammar } from "../../../src/command/policy/grammar.ts";
import type { ArgumentGrammar } from "../../../src/command/policy/rule.ts";
import { pick, seeded } from "../../support/seeded.ts";

// The oracle is the parser itself: util-linux's getopt shows what getopt_long makes of arguments.
const hasGetopt = spawnSync("getopt", ["--test"]).status === 4;

/** A program with more flags than are allowed: those left out run programs and write files. */
const program = {
  short: "abn:o:x:e::",
  long: "all,lines:,output:,exec:,execute,color::,file:",
};
const grammar = {
  flags: {
    "-a": "none",
    "-b": "none",
    "-n": "number",
    "--all": "none",
    "--lines": "number",
    "--file": "path",
    "--color": "none",
    "--color=auto": "none",
  },
  bundling: true,
  positionals: { kind: "path" },
} as const satisfies ArgumentGrammar;

const pieces = [
  ...[
    "-a",
    "-b",
    "-n",
    "-o",
    "-x",
    "-e",
    "-ab",
    "-abn",
    "-an5",
    "-n5",
    "-n=5",
    "-eid",
    "-ox",
    "-5",
  ],
  ...["--all", "--al", "--lines", "--lines=3", "--line=3", "--lines=x", "--output", "--output=x"],
  ...["--out=x", "--exec=x", "--execute", "--color", "--color=auto", "--color=x", "--colo=auto"],
  ...[
    "--file=in",
    "--file=/out",
    "--file",
    "--fi=in",
    "--",
    "-",
    "---",
    "--=x",
    "",
    "5",
    "-1",
    "in",
  ],
  ...["/out", "a b", "$(x)", "'", '"', "\n", "-\n", "--all\n", "=", "-=", "+x", "@in", "é", "-é"],
];

const inside = (path: string): boolean => !path.startsWith("/");

describe.skipIf(!hasGetopt)("what a grammar allows, getopt_long takes alike", () => {
  it.each([1, 2, 3])("for random arguments, seed %i", (seed) => {
    const strict = create(grammar);
    const gnu = create({ ...grammar, order: "anywhere" });
    const random = seeded(seed);
    const seen = { allowed: 0, refused: 0 };
    for (let round = 0; round < 2_000; round += 1) {
      const list = Array.from({ length: Math.floor(random() * 5) }, () => pick(random, pieces));
      if (isAllowed(gnu, list)) expectHarmless(parse(list, {}), list);
      if (!isAllowed(strict, list)) {
        seen.refused += 1;
        continue;
      }
      seen.allowed += 1;
      const permuting = parse(list, {});
      expectHarmless(permuting, list);
      // Neither where flags end at the first argument: what is checked does not depend on it.
      expect([list, parse(list, { POSIXLY_CORRECT: "1" })]).toEqual([list, permuting]);
    }
    expect(seen.allowed).toBeGreaterThan(50);
    expect(seen.refused).toBeGreaterThan(1_000);
  });
});

describe.skipIf(!hasGetopt)("what getopt_long takes for the flags listed", () => {
  it("a grammar allows, if it is spelt as it should be", () => {
    const strict = create(grammar);
    const random = seeded(5);
    for (let round = 0; round < 200; round += 1) {
      const flags = Array.from({ length: Math.floor(random() * 4) }, () =>
        pick(random, [
          ...[["-a"], ["-ba"], ["-n", "7"], ["-n7"], ["--lines", "7"], ["--lines=7"], ["--all"]],
          ...[["--color"], ["--color=auto"], ["--file", "in/x"], ["--file=in/x"]],
        ]),
      ).flat();
      const end = pick(random, [[], ["--"], ["--", "-x", "--output=x"]]);
      const paths = end.length === 1 || random() < 0.5 ? ["in", "-"] : [];
      const list = [...flags, ...end, ...paths];
      expect([list, isAllowed(strict, list)]).toEqual([list, true]);
      expect(parse(list, {})).not.toBe("rejected");
    }
  });
});

type Parsed = { readonly flags: readonly string[]; readonly rest: readonly string[] } | "rejected";

function expectHarmless(parsed: Parsed, list: readonly string[]): void {
  if (parsed === "rejected") return expect(list).toBe("arguments that getopt takes");
  const { flags, rest } = parsed;
  for (let index = 0; index < flags.length; index += 1) {
    const flag = flags[index] as string;
    expect([list, Object.keys(grammar.flags)]).toEqual([list, expect.arrayContaining([flag])]);
    const kind = grammar.flags[flag as keyof typeof grammar.flags];
    // getopt shows the value of --color, which may have none, as an empty one.
    if (flag === "--color") expect(["", "auto"]).toContain(flags[index + 1]);
    if (kind === "number") expect(flags[index + 1]).toMatch(/^\d+$/);
    if (kind === "path") expect(flags[index + 1]).toSatisfy(inside);
    if (kind !== "none" || flag === "--color") index += 1;
  }
  for (const path of rest) expect([list, inside(path)]).toEqual([list, true]);
}

/** What the program would see. */
function parse(list: readonly string[], env: Readonly<Record<string, string>>): Parsed {
  const key = JSON.stringify([list, env]);
  const known = results.get(key);
  if (known !== undefined) return known;
  const options = ["-q", "-o", program.short, "-l", program.long];
  const { status, stdout } = spawnSync("sh", ["-c", script, "sh", ...options, "--", ...list], {
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", ...env },
    encoding: "utf8",
  });
  const shown = stdout.split("\u0001").slice(0, -1);
  const end = shown.indexOf("--");
  const result: Parsed =
    status === 0 ? { flags: shown.slice(0, end), rest: shown.slice(end + 1) } : "rejected";
  results.set(key, result);
  return result;
}

const results = new Map<string, Parsed>();
/** What getopt prints is quoted for a shell. */
const script = `shown=$(getopt "$@") || exit 9
eval "set -- $shown"
for each; do printf '%s\\001' "$each"; done`;

function create(from: ArgumentGrammar): Grammar {
  const created = createGrammar(from);
  if (typeof created === "string") throw new Error(created);
  return created;
}

function isAllowed(allowing: Grammar, list: readonly string[]): boolean {
  return "argumentList" in allowing.match(list, inside);
}
