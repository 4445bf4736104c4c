import { spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { commandPolicy } from "../../../../src/command/policy/command-policy.ts";
import type { CommandDecision } from "../../../../src/command/policy/policy.ts";
import type { CommandRule } from "../../../../src/command/policy/rule.ts";

type Rules = Readonly<Record<string, CommandRule | readonly CommandRule[]>>;

export interface Ran {
  readonly decision: "allow" | "ask";
  readonly exitCode: number | null;
  /** stdout and stderr. */
  readonly text: string;
}

/** A workspace with things that lead out of it, and what must never be seen or touched outside. */
export interface Lab {
  readonly base: string;
  readonly root: string;
  /** Beside the root. Its files contain `SECRET`. */
  readonly outside: string;
  /** A program that makes `PWNED`. */
  readonly evil: string;
  write(path: string, text: string): void;
  decide(argv: readonly string[], options?: { readonly cwd?: string }): CommandDecision;
  /** Decides, and really runs what is granted, asked for or not. Throws when it is denied. */
  run(argv: readonly string[], options?: { readonly cwd?: string }): Ran;
  /** Runs without a policy, to see that a trap works. */
  runOpenly(argv: readonly string[], env?: Readonly<Record<string, string>>): Ran["text"];
  /** Whether something ran `evil`; forgets it. */
  wasTrapped(): boolean;
  /** All files with their contents and links, to see that nothing changed. */
  inventory(): readonly string[];
  remove(): void;
}

export interface LabOptions {
  readonly commands: Rules;
  /** Programs that are to be busybox's. */
  readonly busybox?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const busybox: string | undefined = ["/bin/busybox", "/usr/bin/busybox"].find(
  (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
);

/** Rows for `it.each`: the arguments as a title, then themselves. */
export function titled(
  lists: readonly (readonly string[])[],
): readonly (readonly [string, readonly string[]])[] {
  return lists.map((list) => [list.join(" "), list]);
}

/** Whether a program is on this process's path. */
export function isInstalled(name: string): boolean {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .some((folder) => lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined);
}

export function openLab({ commands, busybox: applets = [], env = {} }: LabOptions): Lab {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "meanwhile-rules-")));
  const [root, outside, bin] = [join(base, "root"), join(base, "outside"), join(base, "bin")];
  const [canary, evil] = [join(base, "PWNED"), join(base, "evil.sh")];
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  };
  write("outside/secret", "SECRET\n");
  write("outside/a.txt", "SECRET\n");
  write("outside/folder/a.txt", "SECRET\n");
  for (const path of [evil, join(base, "root/evil.sh")]) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\necho > '${canary}'\n`);
    chmodSync(path, 0o755);
  }
  write("root/a.txt", "alpha\nbeta\n");
  write("root/b.txt", "alpha\ngamma\n");
  write("root/folder/a.txt", "delta\n");
  write("root/other/a.txt", "delta\n");
  symlinkSync("../outside/secret", join(root, "link"));
  symlinkSync("../outside/folder", join(root, "away"));
  symlinkSync("../../outside/secret", join(root, "folder/link"));
  symlinkSync("../../outside/folder", join(root, "folder/away"));
  mkdirSync(bin);
  for (const name of applets) symlinkSync(busybox ?? "busybox", join(bin, name));
  const path = [bin, process.env["PATH"]].join(delimiter);
  const home = join(base, "home");
  mkdirSync(home);
  const policy = commandPolicy({
    root,
    commands,
    env: { allow: [], set: { PATH: path, HOME: home, LC_ALL: "C", ...env } },
  });
  const decide: Lab["decide"] = (argv, options = {}) =>
    policy.decide({ argv, session: "session", ...options }) as CommandDecision;
  return {
    ...{ base, root, outside, evil, write, decide },
    run(argv, options) {
      const decision = decide(argv, options);
      if (decision.decision === "deny") throw new Error(decision.reason);
      const { executable, argv: granted, cwd, env: given } = decision.grant;
      const { status, stdout, stderr, error } = spawnSync(executable, granted.slice(1), {
        argv0: granted[0] as string,
        cwd,
        env: given,
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 20_000,
        killSignal: "SIGKILL",
      });
      if (error !== undefined) throw error;
      return { decision: decision.decision, exitCode: status, text: `${stdout}${stderr}` };
    },
    runOpenly([program = "", ...rest], extra = {}) {
      const { stdout, stderr } = spawnSync(program, rest, {
        cwd: root,
        env: { PATH: path, HOME: home, LC_ALL: "C", ...extra },
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 20_000,
        killSignal: "SIGKILL",
      });
      return `${stdout}${stderr}`;
    },
    wasTrapped() {
      const trapped = lstatSync(canary, { throwIfNoEntry: false }) !== undefined;
      rmSync(canary, { force: true });
      return trapped;
    },
    inventory: () => listFiles(base, ""),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

function listFiles(base: string, folder: string): readonly string[] {
  return readdirSync(join(base, folder))
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const found = lstatSync(join(base, path));
      if (found.isDirectory()) return [`${path}/`, ...listFiles(base, path)];
      if (found.isSymbolicLink()) return [`${path} -> ${readlinkSync(join(base, path))}`];
      const content = found.isFile() ? readFileSync(join(base, path), "latin1") : "special";
      return [`${path} ${found.mode.toString(8)} ${content}`];
    });
}
