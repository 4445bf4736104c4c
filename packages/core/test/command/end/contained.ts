import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { vi } from "vitest";
import { type Cgroup, createCgroup, openCgroup } from "../../../src/command/end/cgroup.ts";
import type { CgroupFolders } from "../../../src/command/end/cgroup-folders.ts";
import { cgroupProbe } from "../../../src/command/end/cgroup-probe.ts";
import { pidNamespace } from "../../../src/command/end/pid-namespace.ts";
import { markerVariable } from "../../../src/command/end/processes.ts";
import type { CommandLimits } from "../../../src/command/policy/limits.ts";

const probed = await cgroupProbe();

/** The groups of this machine; undefined where tests of them cannot run, which is said aloud. */
export const cgroups: CgroupFolders | undefined = orSay(
  probed.unified === undefined ? undefined : probed,
  "control groups: run as root with a writable cgroup2 mount, or by systemd-run --user --scope -p Delegate=yes",
);

/** The words that run a program in a pid namespace. */
export const namespace: readonly string[] | undefined = orSay(
  await pidNamespace(),
  "pid namespaces: run as root, or allow user namespaces, with unshare of util-linux 2.38",
);

export interface StartOptions {
  /** Is in the environment as `MEANWHILE_TASK`. */
  readonly marker: string;
  /** Is in the environment as `T`, and in the command line of what is counted. */
  readonly token: string;
  readonly cgroup?: Cgroup | undefined;
  /** Put before the shell that runs the script. */
  readonly prefix?: readonly string[];
}

/** Starts a script as a command is started: in its group, then in a session of its own. */
export async function start(script: string, options: StartOptions): Promise<ChildProcess> {
  const { marker, token, cgroup, prefix = [] } = options;
  const joined = 'while [ "$1" != -- ]; do echo 0 >"$1" || exit 99; shift; done; shift; exec "$@"';
  const words = [...prefix, "/bin/sh", "-c", script];
  const child = spawn("/bin/sh", ["-c", joined, "sh", ...(cgroup?.join ?? []), "--", ...words], {
    env: { PATH: "/usr/bin:/bin", T: token, [markerVariable]: marker },
    stdio: "ignore",
    detached: true,
  });
  await once(child, "spawn");
  return child;
}

/** Makes a group that `endGroups` knows. */
export async function newGroup(limits: CommandLimits = {}): Promise<Cgroup> {
  const group = await createCgroup(`test-${process.pid}-${++groups}`, limits);
  if (group === undefined) throw new Error("a group could be made before");
  made.push(group);
  return group;
}

let groups = 0;
const made: Cgroup[] = [];
let tokens = 0;

/** A number of seconds that no other process sleeps. */
export function newToken(): string {
  return `600.${process.pid}${++tokens}`;
}

/** The ids of the processes, zombies aside, that have it in their command line. */
export function withToken(token: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`).includes(token))
    .map(Number);
}

/** Resolves when as many are there. */
export async function untilThere(token: string, count: number): Promise<void> {
  await vi.waitUntil(() => withToken(token).length === count, { timeout: 10_000, interval: 10 });
}

/**
 * Resolves when none of them is about to become another program, and so many have nothing that
 * connects them to the others: no mark, and no parent with one.
 */
export async function untilHidden(token: string, count: number): Promise<void> {
  const isMarked = (pid: string | number): boolean =>
    read(`/proc/${pid}/environ`).includes(`${markerVariable}=`);
  await vi.waitUntil(
    () => {
      const all = withToken(token);
      const hidden = all.filter((pid) => !isMarked(pid) && !isMarked(parentOf(pid)));
      const isOver = all.every((pid) => !/^(setsid|env)\0/.test(read(`/proc/${pid}/cmdline`)));
      return isOver && hidden.length >= count;
    },
    { timeout: 10_000, interval: 10 },
  );
}

function parentOf(pid: number): string {
  const [, parent = ""] = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /, "")
    .split(" ");
  return parent;
}

export function killAll(token: string): void {
  for (const pid of withToken(token)) process.kill(pid, "SIGKILL");
}

/** Ends what is left of the groups that `newGroup` made, and gives which were left. */
export async function endGroups(): Promise<readonly string[]> {
  const left = made.filter((group) => openCgroup(group.path) !== undefined);
  for (const group of left) {
    group.kill();
    await vi.waitUntil(() => group.remove(), { timeout: 10_000, interval: 10 });
  }
  made.length = 0;
  return left.map((group) => group.path);
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function orSay<Value>(value: Value | undefined, what: string): Value | undefined {
  if (value === undefined) console.warn(`Tests are left out that need ${what}.`);
  return value;
}
