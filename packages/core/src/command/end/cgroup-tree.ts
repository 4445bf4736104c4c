import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path/posix";
import { isExhaustion } from "../../proc/exhaustion.ts";

/** Makes the folder of a group. What an earlier one of that name left is removed first. */
export function makeGroup(folder: string): string | undefined {
  for (const last of [false, true]) {
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if (codeOf(error) !== "EEXIST" || last || !removeGroup(folder)) return undefined;
    }
  }
  return undefined;
}

/** The same, without holding up this thread: the kernel may make it wait for other groups. */
export async function makeGroupSoon(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder);
    return folder;
  } catch {
    return makeGroup(folder);
  }
}

/** Ids of the processes in the group and in those inside it, as far as they are visible to us. */
export function listMembers(folder: string): readonly number[] {
  return [folder, ...descendants(folder)].flatMap((each) =>
    // 0 stands for a process outside our pid namespace.
    readLines(join(each, "cgroup.procs"))
      .map(Number)
      .filter((pid) => pid > 0),
  );
}

/** Whether the group or one inside it has a process that is no zombie. */
export function isPopulated(folder: string): boolean {
  try {
    return /^populated 1$/m.test(readFileSync(join(folder, "cgroup.events"), "utf8"));
  } catch (error) {
    return !isGone(error);
  }
}

/** Kills all that is in the group and in those inside it. */
export function killGroup(folder: string): void {
  try {
    writeFileSync(join(folder, "cgroup.kill"), "1", { flag: "r+" });
  } catch {
    killEach(folder);
  }
}

/** The same for kernels before 5.14: what is frozen cannot fork, and dies of KILL all the same. */
export function killEach(folder: string): void {
  const freeze = join(folder, "cgroup.freeze");
  tryTo(() => writeFileSync(freeze, "1", { flag: "r+" }));
  for (const pid of listMembers(folder)) tryTo(() => process.kill(pid, "SIGKILL"));
  tryTo(() => writeFileSync(freeze, "0", { flag: "r+" }));
}

/** Removes the group and those inside it. False when it still exists. */
export function removeGroup(folder: string): boolean {
  for (const each of [...descendants(folder).toReversed(), folder]) {
    try {
      rmdirSync(each);
    } catch (error) {
      if (!isGone(error)) return false;
    }
  }
  return true;
}

/**
 * As `removeGroup`, for a group that is taken to be empty, without holding up this thread: the
 * kernel may take milliseconds for it.
 */
export async function removeGroupSoon(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    return isGone(error) || removeGroup(folder);
  }
}

/** The groups inside, each before those inside itself. */
function descendants(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name))
      .flatMap((child) => [child, ...descendants(child)]);
  } catch {
    // It was removed in between.
    return [];
  }
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch (error) {
    if (isExhaustion(error)) throw error;
    // It was removed in between, or its processes are listed in the group above (threaded).
    return [];
  }
}

function isGone(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENODEV";
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function tryTo(action: () => void): void {
  try {
    action();
  } catch {
    // It ended in between.
  }
}
