import { readFileSync } from "node:fs";
import { link, mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProcessEntry, parseStat } from "../../proc/stat.ts";
import { readProcess } from "../end/processes.ts";
import { canIdentifyProcesses } from "../platform.ts";
import { type ExitRecord, parseExitRecord } from "./exit-record.ts";
import { wrapperScript } from "./wrapper-script.ts";

/** The folder of one start of a command; the wrapper and the managers meet in its files. */
export interface RunDirectory {
  readonly path: string;
  /** What the wrapper appends its records to. */
  readonly exitFile: string;
  /** The script that runs the command. */
  readonly wrapperFile: string;
  /** What the command reads as stdin when that is open. */
  readonly stdinFile: string;
  /** Reads a few bytes at once: through the thread pool it would take most of the time to settle. */
  exitRecord(): ExitRecord;
  /** The process that will record the exit code; undefined before it claimed the run. */
  claimant(): Promise<Claimant | undefined>;
  /** Claims the run, so that no wrapper can run it any more. False if a wrapper did before. */
  claim(): Promise<boolean>;
}

interface Claimant {
  /** Null where processes cannot be told apart, and for a claim that a manager made. */
  readonly process: ProcessEntry | null;
  isAlive(): Promise<boolean>;
}

/** Makes the folder `run-<number>` with the first free number from `first` on, mode 0700. */
export async function createRunDirectory(
  taskDirectory: string,
  first: number,
): Promise<{ readonly number: number; readonly directory: RunDirectory }> {
  for (let number = first; ; number++) {
    const directory = openRunDirectory(taskDirectory, number);
    try {
      await mkdir(directory.path, { mode: 0o700 });
    } catch (error) {
      // Left by an owner that lost the task before it could say so.
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw error;
    }
    const files = [
      [directory.exitFile, ""],
      [directory.stdinFile, ""],
      // A file of the run's own: another version of the package may bring another script.
      [directory.wrapperFile, wrapperScript],
    ] as const;
    await Promise.all(files.map(([file, text]) => writeFile(file, text, { mode: 0o600 })));
    return { number, directory };
  }
}

export function openRunDirectory(taskDirectory: string, number: number): RunDirectory {
  const path = join(taskDirectory, `run-${number}`);
  const claimFile = join(path, "claim");
  const exitFile = join(path, "exit");
  return {
    path,
    exitFile,
    wrapperFile: join(path, "wrapper"),
    stdinFile: join(path, "stdin"),

    exitRecord: () => parseExitRecord(readExit(exitFile)),

    async claimant() {
      const text = await readOr(claimFile, undefined);
      if (text === undefined) return undefined;
      const [line = "", boot = ""] = text.split("\n");
      const process = parseStat(line) ?? null;
      return { process, isAlive: () => isAlive(process, boot) };
    },

    async claim() {
      const own = join(path, "claim.manager");
      await writeFile(own, "\n\n", { mode: 0o600 });
      try {
        await link(own, claimFile);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw error;
      }
    },
  };
}

/** Makes sure that the output file exists with mode 0600, and gives the bytes that it has. */
export async function prepareOutput(file: string): Promise<number> {
  await (await open(file, "a", 0o600)).close();
  return (await stat(file)).size;
}

async function isAlive(process: ProcessEntry | null, boot: string): Promise<boolean> {
  if (process === null || !canIdentifyProcesses()) return false;
  const now = await readProcess(process.pid);
  if (now?.startTime !== process.startTime) return false;
  return (await readOr("/proc/sys/kernel/random/boot_id", "")).trim() === boot;
}

function readExit(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

async function readOr<Other>(file: string, missing: Other): Promise<string | Other> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return missing;
    throw error;
  }
}
