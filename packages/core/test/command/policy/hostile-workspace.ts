import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { commandPolicy } from "../../../src/command/policy/command-policy.ts";
import type {
  CommandDecision,
  CommandGrant,
  CommandPolicy,
  CommandRequest,
} from "../../../src/command/policy/policy.ts";
import { readOnly } from "../../../src/command/policy/rules/read-only.ts";
import { MeanwhileError } from "../../../src/errors.ts";

/** A workspace in which everything that hostile commands look for lies ready. */
export interface HostileWorkspace extends Disposable {
  readonly root: string;
  /** All files, by path; `PWNED` among them when something ran that should not. */
  files(): readonly string[];
}

/** The file that appears when one of the traps went off. */
const canary = "PWNED";

const evil = `#!/bin/sh\ntouch ${canary}\ncat\n`;

export function hostileWorkspace(): HostileWorkspace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "meanwhile-hostile-")));
  const root = join(base, "root");
  mkdirSync(root);
  const write = (name: string, content: string | Buffer, mode = 0o644) => {
    writeFileSync(join(root, name), content);
    chmodSync(join(root, name), mode);
  };
  write("a.txt", "x\n");
  write("big.txt", "line of a file that sort splits\n".repeat(20_000));
  // A glob would make flags of these.
  for (const name of ["--context", "-la", "--output=PWNED", "-exec"]) write(name, "x\n");
  write("xa.txt", `${canary}\n`);
  for (const name of ["mk.sh", "evil.sh", "gzip", "ls"]) write(name, evil, 0o755);
  write("x.gz", gzipSync("x\n"));
  write("pw.cjs", `require("fs").writeFileSync(${JSON.stringify(canary)}, "")`);
  write("evil.mk", `all:\n\ttouch ${canary}\n`);
  write("package.json", JSON.stringify({ scripts: { build: `touch ${canary}`, x: "true" } }));
  write("curlrc", `url = "file://${root}/a.txt"\noutput = "${canary}"\n`);
  write("mg", "0 string x magic\n");
  write("rgrc", "--pre=./mk.sh\n");
  write("x.1", ".TH X 1\n");
  symlinkSync("/etc", join(root, "lnk"));
  symlinkSync("/etc/passwd", join(root, "app-link"));
  run(root, ["tar", "-cf", "h.tar", "a.txt"]);
  run(root, ["git", "init", "-q", "."]);
  run(root, ["git", "config", "core.fsmonitor", "./mk.sh"]);
  run(root, ["git", "config", "diff.evil.textconv", "./mk.sh"]);
  write(".gitattributes", "a.txt diff=evil\n");
  return {
    root,
    files: () => list(root),
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** Links are not followed: one leads to /etc. */
function list(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [entry.name];
    return [entry.name, ...list(join(folder, entry.name)).map((name) => join(entry.name, name))];
  });
}

/** What an agent that reads a repository may be given. */
export function realisticPolicy(root: string): CommandPolicy {
  return commandPolicy({
    root,
    shell: "words",
    commands: {
      ...readOnly,
      git: { decision: "ask", arguments: "any" },
      npm: { decision: "ask", arguments: [["test"], ["run", "build"]] },
    },
    approve: () => true,
  });
}

/** The decision; a command that cannot be run by anyone is refused too. */
export async function decideOn(
  policy: CommandPolicy,
  request: Omit<CommandRequest, "session">,
): Promise<CommandDecision> {
  try {
    return await policy.decide({ session: "session", ...request });
  } catch (error) {
    if (!MeanwhileError.isInstance(error, "INVALID_INPUT")) throw error;
    return { decision: "deny", reason: error.message };
  }
}

/** Runs what was granted, and gives what it printed. */
export function runGrant({ executable, argv, cwd, env }: CommandGrant): string {
  const [argv0, ...rest] = argv;
  const { error, stdout } = spawnSync(executable, rest, {
    ...{ argv0, cwd, env, timeout: 20_000, encoding: "utf8" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (error !== undefined) throw error;
  return stdout;
}

/** Runs something in a folder without any policy, as the control of the traps. */
export function run(
  cwd: string,
  [program = "", ...rest]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  const base = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: cwd };
  spawnSync(program, rest, { cwd, env: { ...base, ...env }, stdio: "ignore", timeout: 20_000 });
}
