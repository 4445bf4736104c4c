import { describe, expect, it } from "vitest";
import { createGrammar } from "../../../src/command/policy/grammar.ts";
import type { ArgumentGrammar } from "../../../src/command/policy/rule.ts";

/** What the program would get, or why it is not run. */
function match(
  grammar: ArgumentGrammar,
  argumentList: readonly string[],
): readonly string[] | string {
  const created = createGrammar(grammar);
  if (typeof created === "string") throw new Error(created);
  const result = created.match(argumentList, (path) => !path.startsWith("/"));
  return "why" in result ? result.why : result.argumentList;
}

const list: ArgumentGrammar = {
  flags: {
    "-l": "none",
    "-a": "none",
    "-1": "none",
    "--all": "none",
    "-w": "number",
    "--width": "number",
    "--sort": ["size", "time"],
    "-I": "text",
    "--from": "path",
    "--color": "none",
    "--color=always": "none",
  },
  bundling: true,
  positionals: { kind: "path", max: 3 },
};
const find: ArgumentGrammar = {
  flags: { "-name": "text", "-maxdepth": "number", "-size": /[+-]?\d+k/, "-print": "none" },
  order: "last",
  positionals: { kind: "path" },
};
const grep: ArgumentGrammar = {
  flags: { "-n": "none", "-A": "number" },
  positionals: { first: ["text"], kind: "path", min: 1 },
};
const sed: ArgumentGrammar = {
  flags: { "-n": "none" },
  positionals: { first: [/\d+,\d+p/], kind: "path", min: 1 },
};

describe("what is allowed", () => {
  it.each<[string, ArgumentGrammar, readonly (readonly string[])[]]>([
    [
      "flags as they are listed, values apart or joined",
      list,
      [
        [],
        ["-l"],
        ["-l", "-l"],
        ["--all", "-a"],
        ["-la1"],
        ["-w", "5"],
        ["-w5"],
        ["--width", "5"],
        ["--width=5"],
        ["--sort=size"],
        ["--sort", "time"],
        ["-I", ""],
        ["-I", "-"],
        ["-I", "*.ts"],
        ["-I*.ts"],
        ["--from=a/b"],
        ["--color"],
        ["--color=always"],
      ],
    ],
    [
      "positional arguments after the flags",
      list,
      [["a"], ["-l", "a", "b", "c"], ["--", "-l", "--", "-"], ["-"], ["~root"], ["a*", "-"]],
    ],
    [
      "words of one dash, after the paths",
      find,
      [[], ["."], ["a", "b", "-name", "*.ts", "-maxdepth", "2"], ["-print"], ["-size", "-5k"]],
    ],
    [
      "a first argument of its own kind",
      grep,
      [["/x/"], ["-n", "a b", "file"], ["--", "-x", "-f"]],
    ],
    [
      "what matches as a whole",
      sed,
      [
        ["-n", "1,5p"],
        ["-n", "1,5p", "a.txt"],
      ],
    ],
  ])("%s", (_, grammar, allowed) => {
    for (const argumentList of allowed) expect(match(grammar, argumentList)).toEqual(argumentList);
  });
});

describe("what is refused, with what was not understood", () => {
  it.each<[string, ArgumentGrammar, readonly string[], string]>([
    ["an unknown flag", list, ["-x"], 'flag "-x" is not allowed'],
    ["an unknown long flag with a value", list, ["--exec=sh"], 'flag "--exec" is not allowed'],
    ["an abbreviation", list, ["--al"], 'flag "--al" is not allowed'],
    ["an abbreviation with a value", list, ["--wid=5"], 'flag "--wid" is not allowed'],
    ["another case", list, ["--ALL"], 'flag "--ALL" is not allowed'],
    ["a long flag with one dash", list, ["-sort"], "is not allowed"],
    ["an inherited name", list, ["--__proto__"], "is not allowed"],
    ["a value for a flag without", list, ["--all=1"], "--all takes no value"],
    ["a value that is not listed", list, ["--color=never"], "--color takes no value"],
    ["an unknown flag in a bundle", list, ["-lx"], 'the flag "-x" is not allowed'],
    ["a flag with a value in a bundle", list, ["-lw5"], '"-w" takes a value'],
    ["a bundle where there is none", { ...list, bundling: false }, ["-la"], "each flag by itself"],
    ["a number that is not listed", list, ["-5"], 'flag "-5" is not allowed'],
    ["no value", list, ["--width"], "--width needs a value"],
    ["a flag as value", list, ["-I", "-l"], 'try "-I-l"'],
    ["the end of flags as value", list, ["-I", "--"], "may be a flag"],
    ["an ambiguous =", list, ["-I=x"], "leave out the ="],
    ["an empty number", list, ["--width="], "is not a whole number"],
    ["a negative number", list, ["--width=-1"], "is not a whole number"],
    ["a number in hexadecimal digits", list, ["--width=0x5"], "is not a whole number"],
    ["another choice", list, ["--sort=none"], "is none of size|time"],
    ["a value path outside, joined", list, ["--from=/etc"], '"/etc" is outside the workspace'],
    ["a value path outside, apart", list, ["--from", "/etc"], "as the value of --from"],
    ["a path outside", list, ["-l", "a", "/etc"], '"/etc" is outside the workspace'],
    ["a path outside after --", list, ["--", "/etc"], '"/etc" is outside the workspace'],
    ["an empty path", list, [""], "a path is empty"],
    ["a file of arguments", list, ["@a"], "write ./ before it"],
    ["a command for an editor", list, ["+!sh"], "write ./ before it"],
    ["a flag after an argument", list, ["a", "-l"], "has to come before"],
    ["-- after an argument", list, ["a", "--", "-l"], "has to come before"],
    ["too many arguments", list, ["a", "b", "c", "d"], '"d" is one argument too many'],
    ["a positional argument where there is none", { flags: {} }, ["a"], '"a" is not allowed'],
    ["- where there is no argument", { flags: {} }, ["-"], '"-" is not allowed'],
    ["an action of find", find, [".", "-exec", "sh", ";"], 'flag "-exec" is not allowed'],
    ["a joined value of a word", find, ["-maxdepth2"], 'flag "-maxdepth2" is not allowed'],
    ["a value after = of a word", find, ["-maxdepth=2"], 'flag "-maxdepth=2" is not allowed'],
    ["a path after the flags", find, ["-print", "/etc"], "has to come before the flags"],
    ["-- where it is no end", find, ["--", "-exec"], 'flag "--" is not allowed'],
    ["-- for echo", { separator: false, positionals: { kind: "text" } }, ["--"], "not allowed"],
    ["a missing pattern", grep, ["-n"], "an argument is missing"],
    ["a file outside after a pattern", grep, ["x", "/etc/passwd"], "outside the workspace"],
    ["a command of sed", sed, ["-n", "1e touch x"], "is not /"],
    ["a line more", sed, ["-n", "1,5p\ne"], "is not /"],
    ["a script that contains the pattern", sed, ["-n", "x1,5p;w y"], "is not /"],
  ])("%s", (_, grammar, argumentList, why) => {
    expect(match(grammar, argumentList)).toEqual(expect.stringContaining(why));
  });
});

describe("a prefix and what is put in", () => {
  const status: ArgumentGrammar = {
    prefix: ["status"],
    flags: { "--short": "none" },
    insert: { before: ["-c", "core.fsmonitor=false"], after: ["--no-renames"] },
  };

  it("come in the order that the program needs", () => {
    expect(match(status, ["status", "--short"])).toEqual([
      ...["-c", "core.fsmonitor=false", "status", "--no-renames", "--short"],
    ]);
  });

  it.each([[[]], [["stat"]], [["--short"]], [["-c", "x", "status"]], [["--", "status"]]])(
    "are needed: not %j",
    (argumentList) => {
      expect(match(status, argumentList)).toBe("it must begin with status");
    },
  );
});

describe("flags among the arguments", () => {
  it("are looked for where the program does so", () => {
    const anywhere: ArgumentGrammar = { ...list, order: "anywhere" };
    expect(match(anywhere, ["a", "-l", "b", "--", "-x"])).toEqual(["a", "-l", "b", "--", "-x"]);
    expect(match(anywhere, ["a", "-x"])).toContain('"-x" is not allowed');
  });
});

describe("a grammar that makes no sense", () => {
  it.each<[string, unknown]>([
    ["a flag without a dash", { flags: { l: "none" } }],
    ["the end of flags as a flag", { flags: { "--": "none" } }],
    ["a flag with a blank", { flags: { "-a b": "none" } }],
    ["a flag of three dashes", { flags: { "---a": "none" } }],
    ["a flag with two values", { flags: { "--a=b": "text" } }],
    ["an unknown kind", { flags: { "-a": "file" } }],
    ["no choice", { flags: { "-a": [] } }],
    ["flags that are a list", { flags: ["-a"] }],
    ["bundles of words", { flags: { "-name": "text" }, bundling: true }],
    ["an unknown order", { order: "before" }],
    ["an end of flags that come last", { order: "last", separator: true }],
    ["bundling that is a text", { bundling: "yes" }],
    ["a field nobody knows", { flag: {} }],
    ["a prefix that is a text", { prefix: "status" }],
    ["a NUL", { prefix: ["a\0"] }],
    ["a list to put in", { insert: ["-c"] }],
    ["a place to put in nobody knows", { insert: { first: ["-c"] } }],
    ["positional arguments without a kind", { positionals: {} }],
    ["positional arguments that are a kind", { positionals: "path" }],
    ["a first kind nobody knows", { positionals: { first: ["file"], kind: "path" } }],
    ["fewer than none", { positionals: { kind: "path", min: -1 } }],
    ["more at least than at most", { positionals: { kind: "path", min: 2, max: 1 } }],
  ])("is refused: %s", (_, grammar) => {
    expect(createGrammar(grammar as ArgumentGrammar)).toEqual(expect.any(String));
  });
});

describe("the form", () => {
  it.each<[ArgumentGrammar, string]>([
    [{}, ""],
    [find, "[-name TEXT] [-maxdepth NUMBER] [-size /[+-]?\\d+k/] [-print] [PATH...]"],
    [grep, "[-n] [-A NUMBER] [--] TEXT [PATH...]"],
    [{ prefix: ["a b"], positionals: { kind: ["x", "y"], max: 1 } }, "'a b' [--] [x|y]"],
    [{ positionals: { kind: "path", min: 2, max: 2 } }, "[--] PATH PATH"],
  ])("of %j is %s", (grammar, form) => {
    expect(createGrammar(grammar)).toMatchObject({ form });
  });
});
