import { basename, join } from "node:path/posix";
import { threadId } from "node:worker_threads";
import { isExhaustion } from "../../proc/exhaustion.ts";
import { aside } from "../aside.ts";
import { shell } from "../platform.ts";
import { type CgroupFolders, ownCgroupFolders } from "./cgroup-folders.ts";
import { createdAt, groupPrefix, removeLeftovers } from "./cgroup-leftovers.ts";
import { isPopulated, makeGroup, removeGroup } from "./cgroup-tree.ts";

let probed: Promise<CgroupFolders> | undefined;

/**
 * The folders in which groups for commands can be made; `unified` only when a process could really
 * be put into a group there, and killed by it. Probed once. Rejects when the system had no
 * descriptor or process for it; the next call tries again.
 */
export function cgroupProbe(): Promise<CgroupFolders> {
  probed ??= probe().catch((error: unknown) => {
    probed = undefined;
    throw error;
  });
  return probed;
}

/** Milliseconds after which nobody means to join an empty group any more. */
const joinMs = 60_000;

async function probe(): Promise<CgroupFolders> {
  const own = ownCgroupFolders();
  const folder =
    own.unified && makeGroup(join(own.unified, `${groupPrefix}probe-${process.pid}-${threadId}`));
  if (folder === undefined) return none;
  const made = createdAt(folder);
  const works = await holdsProcesses(folder);
  if (!removeGroup(folder) || !works) return none;
  for (const base of [own.unified, own.pids, own.memory]) {
    if (base !== undefined) removeLeftovers(base, made - joinMs);
  }
  return own;
}

const none: CgroupFolders = { unified: undefined, pids: undefined, memory: undefined };

async function holdsProcesses(folder: string): Promise<boolean> {
  const { execa } = await import("execa");
  const { signal, stdout, cause } = await execa(shell, ["-c", script, shell, folder], {
    env: {},
    ...aside,
    stdin: "ignore",
    stderr: "ignore",
    timeout: 2_000,
  });
  if (isExhaustion(cause)) throw cause;
  const joined = stdout
    .split("\n")
    .some((line) => line.startsWith("0::/") && line.endsWith(`/${basename(folder)}`));
  return joined && signal === "SIGKILL" && !isPopulated(folder);
}

/** A shell joins a group, says in which it is then, and kills all that is in it. */
const script = `
echo 0 >"$1/cgroup.procs" || exit
while read -r line; do echo "$line"; done </proc/self/cgroup
[ -e "$1/cgroup.kill" ] || exec kill -KILL $$
echo 1 >"$1/cgroup.kill"
exec sleep 1
`;
