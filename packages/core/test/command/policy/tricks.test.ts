import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandPolicy } from "../../../src/command/policy/policy.ts";
import {
  decideOn,
  type HostileWorkspace,
  hostileWorkspace,
  realisticPolicy,
  runGrant,
} from "./hostile-workspace.ts";

let workspace: HostileWorkspace;
let policy: CommandPolicy;
let before: readonly string[];

beforeAll(() => {
  workspace = hostileWorkspace();
  const { root } = workspace;
  mkdirSync(join(root, "sub"));
  symlinkSync("../../..", join(root, "sub", "up"));
  symlinkSync("/etc/passwd", join(root, "-f"));
  symlinkSync("/etc/passwd", join(root, "-"));
  symlinkSync("/etc", join(root, "~"));
  writeFileSync(join(root, "sub", "$(touch PWNED)"), "x\n");
  policy = realisticPolicy(root);
  before = workspace.files();
});

afterAll(() => workspace[Symbol.dispose]());

type Outcome = "allow" | "ask" | "deny";

describe("a command as argv", () => {
  it.each<[Outcome, string, readonly string[]]>([
    // Shell syntax is text.
    ["allow", "metacharacters", ["echo", "a", "&&", "touch", "PWNED", "|", "sh"]],
    ["allow", "a substitution", ["echo", `\${x:=$(touch PWNED)}`, "`touch PWNED`"]],
    ["allow", "a file named as a substitution", ["cat", "sub/$(touch PWNED)"]],
    ["allow", "a glob", ["ls", "*", "{a,b}", "?"]],
    ["allow", "a line end", ["echo", "a\ntouch PWNED"]],
    // Characters that are not what they seem.
    ["ask", "a backspace", ["echo", "rm\b\bls"]],
    ["ask", "a zero-width joiner on its own", ["cat", "a\u200d.txt"]],
    ["ask", "a left-to-right isolate", ["echo", "\u2066x"]],
    ["deny", "a look-alike program", ["\u0441at", "a.txt"]],
    ["deny", "a full-width program", ["\uff43at", "a.txt"]],
    ["deny", "a soft hyphen in the program", ["ca\u00adt", "a.txt"]],
    ["allow", "a look-alike of a dash is no flag", ["find", ".", "\u2010delete", "-print"]],
    // Programs that run others.
    ["deny", "a wrapper", ["nice", "touch", "PWNED"]],
    ["deny", "a multiplexer", ["busybox", "touch", "PWNED"]],
    ["deny", "an interpreter", ["perl", "-e", "unlink 'a.txt'"]],
    ["deny", "a program by its path", ["/usr/bin/cat", "a.txt"]],
    ["deny", "a program in the workspace", ["mk.sh"]],
    ["deny", "a program with a blank", ["cat a.txt"]],
    ["deny", "an inherited property", ["constructor"]],
    ["deny", "another inherited property", ["hasOwnProperty", "x"]],
    // Flags that run, write or read.
    ["deny", "find -execdir", ["find", ".", "-execdir", "touch", "PWNED", "+"]],
    ["deny", "find -okdir", ["find", ".", "-okdir", "touch", "PWNED", ";"]],
    ["deny", "find -fls", ["find", ".", "-fls", "PWNED"]],
    ["deny", "find that follows links", ["find", "-L", "."]],
    ["deny", "find with files from a file", ["find", "-files0-from", "a.txt"]],
    ["deny", "rg --pre apart", ["rg", "--pre", "./mk.sh", "x", "."]],
    ["deny", "rg --hostname-bin", ["rg", "--hostname-bin=./mk.sh", "x"]],
    ["deny", "rg -L", ["rg", "-L", "x", "."]],
    ["deny", "rg -f", ["rg", "-f", "/etc/passwd", "a.txt"]],
    ["deny", "rg --pre after the pattern", ["rg", "x", ".", "--pre=./mk.sh"]],
    ["deny", "rg with a bundle that ends in a value", ["rg", "-nf/etc/passwd", "a.txt"]],
    ["deny", "grep -f", ["grep", "-f", "/etc/passwd", "a.txt"]],
    ["deny", "grep -R", ["grep", "-R", "root", "."]],
    ["deny", "grep with a file where a pattern was", ["grep", "-e", "x", "/etc/passwd"]],
    ["deny", "sort --output", ["sort", "--output=PWNED", "a.txt"]],
    ["deny", "sort -o after the file", ["sort", "a.txt", "-o", "PWNED"]],
    ["deny", "sort --files0-from", ["sort", "--files0-from=/etc/passwd"]],
    ["deny", "sort -T", ["sort", "-T", "/tmp", "a.txt"]],
    ["deny", "uniq with an output", ["uniq", "a.txt", "PWNED"]],
    ["deny", "sed w", ["sed", "-n", "w PWNED", "a.txt"]],
    ["deny", "sed with a second script", ["sed", "-n", "1p", "-e", "1e touch PWNED", "a.txt"]],
    ["deny", "sed -n joined to -i", ["sed", "-ni", "1p", "a.txt"]],
    ["deny", "tail -f", ["tail", "-f", "a.txt"]],
    ["deny", "tail --follow abbreviated", ["tail", "--fol", "a.txt"]],
    ["deny", "wc with files from a file", ["wc", "--files0-from=a.txt"]],
    ["deny", "date -s", ["date", "-s", "12:00"]],
    ["deny", "file with a magic file", ["file", "-m", "mg", "a.txt"]],
    ["deny", "npm with more", ["npm", "test", "--script-shell=./mk.sh"]],
    ["ask", "git in another folder", ["git", "-C", "/etc", "status"]],
    ["ask", "a script of the repository", ["npm", "test"]],
    // Paths.
    ["deny", "up and back in by name", ["cat", "../root/../../etc/passwd"]],
    ["deny", "a link upwards", ["cat", "sub/up/etc/passwd"]],
    ["deny", "a link upwards and back", ["cat", "sub/up/tmp/../etc/passwd"]],
    ["deny", "a link to a file", ["cat", "app-link"]],
    ["deny", "a folder that is a link", ["ls", "lnk"]],
    ["deny", "a link with a slash", ["ls", "lnk/"]],
    ["deny", "a file above a file", ["cat", "a.txt/../../root/a.txt"]],
    ["deny", "a link named as a flag", ["cat", "--", "-f"]],
    ["deny", "a link named as stdin", ["cat", "-"]],
    ["deny", "a link named as a home", ["cat", "~/passwd"]],
    ["deny", "a path in a flag's value", ["rg", "--ignore-file=/etc/passwd", "x"]],
    ["deny", "a device", ["cat", "/dev/zero"]],
    ["deny", "another process's memory", ["cat", "/proc/1/environ"]],
    ["deny", "this process's environment", ["cat", "/proc/self/environ"]],
    ["allow", "its own absolute path", ["cat", "$ROOT/a.txt"]],
    ["allow", "a way round within", ["cat", "sub/../a.txt"]],
    ["allow", "nothing", ["cat", "no/such/file"]],
  ])("%s: %s", async (outcome, _, argv) => {
    const decision = await decideOn(policy, {
      argv: argv.map((text) => text.replace("$ROOT", workspace.root)),
    });
    expect(decision).toMatchObject({ decision: outcome });
    if (decision.decision === "allow") expect(runGrant(decision.grant)).not.toContain("root:");
    expect(workspace.files()).toEqual(before);
  });
});

describe("a command as a line", () => {
  it.each<[Outcome, string, string]>([
    ["allow", "two commands", "echo a && cat a.txt"],
    ["allow", "a pipe", "cat a.txt | sort | wc -l"],
    ["allow", "quotes around syntax", "echo '$(touch PWNED)' \"; touch PWNED\""],
    ["deny", "a pipe into a shell", "echo 'touch PWNED' | sh"],
    ["deny", "an allowed program first", "cat a.txt && touch PWNED"],
    ["deny", "a path outside in the last one", "echo a; echo b; cat /etc/passwd"],
    ["deny", "a flag that runs", "find . -exec touch PWNED +"],
    ["deny", "quotes that make a flag", "find . '-delete'"],
    ["ask", "a builtin that evaluates", "eval 'touch PWNED'"],
    ["ask", "a variable", "X=touch; $X PWNED"],
    ["ask", "a home", "cat ~/x"],
    ["ask", "a brace", "echo {a,b}"],
    ["ask", "a comment", "echo a # b"],
    ["ask", "an unseen carriage return", "echo a\r"],
    ["ask", "git among others", "echo a; git status"],
  ])("%s: %s", async (outcome, _, shell) => {
    const decision = await decideOn(policy, { shell });
    expect(decision).toMatchObject({ decision: outcome });
    if (decision.decision === "allow") runGrant(decision.grant);
    expect(workspace.files()).toEqual(before);
  });
});

describe("a variable", () => {
  it.each([
    ...["GIT_CONFIG_COUNT", "GIT_EXTERNAL_DIFF", "LD_AUDIT", "LD_LIBRARY_PATH", "GREP_OPTIONS"],
    ...["POSIXLY_CORRECT", "PAGER", "PYTHONPATH", "RUBYOPT", "JAVA_TOOL_OPTIONS", "HOME", "SHELL"],
    ...["TMPDIR", "AWS_SECRET_ACCESS_KEY", "ANTHROPIC_API_KEY", "constructor", "__proto__"],
  ])("%s is not set by a request, neither for argv nor for a line", async (name) => {
    const env = Object.fromEntries([[name, "./mk.sh"]]);
    for (const what of [{ argv: ["ls"] }, { shell: "ls" }]) {
      expect(await decideOn(policy, { ...what, env })).toMatchObject({ decision: "deny" });
    }
  });
});
