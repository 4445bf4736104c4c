import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commandPolicy } from "../../../src/command/policy/command-policy.ts";
import type { ShellMode } from "../../../src/command/policy/judge-shell.ts";
import type { CommandDecision, CommandGrant } from "../../../src/command/policy/policy.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "meanwhile-shell-")));
  writeFileSync(join(root, "a.txt"), "one\ntwo\nthree\n");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function decide(shell: string, mode?: ShellMode): CommandDecision | Promise<CommandDecision> {
  const policy = commandPolicy({
    root,
    ...(mode === undefined ? {} : { shell: mode }),
    commands: {
      echo: { arguments: "any" },
      cat: { arguments: { positionals: { kind: "path" } } },
      head: {
        arguments: {
          flags: { "-n": "number" },
          insert: { after: ["-q"] },
          positionals: { kind: "path" },
        },
      },
      git: { decision: "ask", arguments: "any" },
    },
    approve: () => true,
  });
  return policy.decide({ shell, session: "session" });
}

function grantOf(decision: CommandDecision): CommandGrant {
  if (decision.decision === "deny") throw new Error(decision.reason);
  return decision.grant;
}

function run({ executable, argv, cwd, env }: CommandGrant): string {
  const [argv0, ...rest] = argv;
  return spawnSync(executable, rest, { argv0, cwd, env, encoding: "utf8" }).stdout;
}

describe("a line for a shell", () => {
  it.each([undefined, "off"] as const)("is refused when the mode is %s", async (mode) => {
    expect(await decide("echo hi", mode)).toEqual({
      decision: "deny",
      reason: expect.stringContaining("as argv"),
    });
  });

  it("asks as it is when the mode is ask, whatever it says", async () => {
    for (const line of ["echo hi", "rm -rf /", "a=$(x) | y > z"]) {
      const decision = await decide(line, "ask");
      expect(decision).toMatchObject({ decision: "ask", reason: expect.stringMatching(/\.$/) });
      expect(grantOf(decision).argv).toEqual(["sh", "-c", line]);
      expect(grantOf(decision).executable).toMatch(/^\/.*\/sh$/);
    }
  });
});

describe("a line of plain words", () => {
  it("runs unasked if every command is allowed, in our own spelling", async () => {
    const decision = await decide(
      `cat a.txt | head -n 2 && echo 'it is' "$5"`.replace("$", ""),
      "words",
    );
    expect(decision.decision).toBe("allow");
    const grant = grantOf(decision);
    expect(grant.argv).toEqual([
      "sh",
      "-c",
      expect.stringMatching(
        /^'\/\S+\/cat' 'a\.txt' \| '\/\S+\/head' '-q' '-n' '2' && '\/\S+\/echo' 'it is' '5'$/,
      ),
    ]);
    expect(Object.isFrozen(grant.argv)).toBe(true);
    expect(run(grant)).toBe("one\ntwo\nit is 5\n");
  });

  it.each([
    ["a program that is not allowed", "echo hi; touch x", /"touch" is not allowed/],
    ["arguments that are not allowed", "echo hi || head -c 5", /flag "-c" is not allowed/],
    ["a path outside", "echo hi && cat ../x", /"\.\.\/x" is outside the workspace/],
    ["a refused one after one that asks", "git status && rm x", /"rm" is not allowed/],
    ["a program by its path", "/bin/echo hi", /"\/bin\/echo" is not allowed/],
    ["a shell", "sh -c 'echo hi'", /"sh" is not allowed/],
  ])("is refused with %s", async (_, line, reason) => {
    expect(await decide(line, "words")).toEqual({
      decision: "deny",
      reason: expect.stringMatching(reason),
    });
  });

  it("asks if one of its commands does", async () => {
    const decision = await decide("echo hi; git log", "words");
    expect(decision).toMatchObject({
      decision: "ask",
      reason: '"git log" needs a yes before it runs.',
    });
    expect(grantOf(decision).argv[2]).toMatch(/^'\/\S+\/echo' 'hi' ; '\/\S+\/git' 'log'$/);
  });

  it("asks if it has characters that cannot be seen", async () => {
    expect(await decide("echo 'a\u202eb'", "words")).toMatchObject({ decision: "ask" });
  });
});

describe("a line that is more than words", () => {
  it.each([
    "echo $HOME",
    "echo `id`",
    "echo hi > x",
    "echo hi &",
    "cat < /etc/passwd",
    "echo *",
    "A=b echo hi",
    "cd .. && cat x",
    "echo 'unfinished",
    "(echo hi)",
    `echo ${"x".repeat(10_000)}`,
    Array(21).fill("echo hi").join(";"),
  ])("asks, with the text as it is: %s", async (line) => {
    const decision = await decide(line, "words");
    expect(decision).toMatchObject({
      decision: "ask",
      reason: expect.stringMatching(/^The shell line is not plain words: .+\. It needs a yes/),
    });
    expect(grantOf(decision).argv).toEqual(["sh", "-c", line]);
  });
});

describe("a request", () => {
  it.each<[string, object, RegExp]>([
    ["both", { argv: ["echo"], shell: "echo" }, /not both/],
    ["neither", {}, /argv must be a list/],
    ["an empty line", { shell: "" }, /shell is empty/],
    ["a NUL", { shell: "echo \0" }, /shell contains a NUL/],
    ["half a surrogate pair", { shell: "echo \ud800" }, /shell contains half/],
    ["128 KiB", { shell: "x".repeat(131_071) }, /shell has 131071 bytes/],
    ["a list", { shell: ["echo"] }, /shell is not a text/],
  ])("with %s is no command", (_, wrong, message) => {
    const policy = commandPolicy({ root, shell: "words", commands: {} });
    expect(() => policy.decide({ session: "session", ...wrong } as never)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringMatching(message) }),
    );
  });
});
