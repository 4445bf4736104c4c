import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { MeanwhileError } from "../../errors.ts";
import { livingProcess, type ProcessEntry, parseStat } from "../../proc/stat.ts";
import { canIdentifyProcesses } from "../platform.ts";
import { type ExitRecord, parseExitRecord } from "./exit-record.ts";

/**
 * The files of one start of a command, in which its wrapper and the managers meet. They are a few
 * bytes long and read at once: through the thread pool it would take most of the time to settle.
 */
export interface RunFiles {
  /** What the wrapper and the managers append their lines to; the first line is the claim. */
  readonly recordFile: string;
  /** What the command reads as stdin when that is open. */
  readonly stdinFile: string;
  record(): ExitRecord;
  /** Who claimed the run first; undefined while nobody did. */
  claimant(): Claimant | undefined;
  /** Claims the run, so that no wrapper can run it any more. False if a wrapper did before. */
  claim(): boolean;
}

export interface Claimant {
  /** The wrapper that will record the exit code; undefined for a claim that a manager made. */
  readonly pid: number | undefined;
  /** Null where processes cannot be told apart. */
  readonly process: ProcessEntry | null;
  isAlive(): boolean;
}

/** Makes the files with the first free number from `first` on, mode 0600. */
export async function createRunFiles(
  taskDirectory: string,
  first: number,
  stdin: "open" | "closed",
): Promise<{ readonly number: number; readonly files: RunFiles }> {
  for (let number = first; ; number++) {
    const files = openRunFiles(taskDirectory, number);
    try {
      await (await open(files.recordFile, "wx", 0o600)).close();
    } catch (error) {
      // Left by an owner that lost the task before it could say so.
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw error;
    }
    if (stdin === "open") await (await open(files.stdinFile, "a", 0o600)).close();
    return { number, files };
  }
}

export function openRunFiles(taskDirectory: string, number: number): RunFiles {
  const recordFile = join(taskDirectory, `run-${number}`);
  return {
    recordFile,
    stdinFile: `${recordFile}.stdin`,
    record: () => parseExitRecord(readOr(recordFile, "")),
    claimant: () => parseClaim(readOr(recordFile, "")),

    claim() {
      // Whose line is the first has the run; one write to the end of a local file is atomic.
      const file = openRecord(recordFile);
      try {
        writeSync(file, "manager\n");
      } finally {
        closeSync(file);
      }
      return readOr(recordFile, "").startsWith("manager\n");
    },
  };
}

function openRecord(recordFile: string): number {
  try {
    return openSync(recordFile, "a", 0o600);
  } catch (cause) {
    throw cannotRecord(cause);
  }
}

/** What a command that cannot say how it ends is not run for. */
export function cannotRecord(cause?: unknown): MeanwhileError {
  return new MeanwhileError(
    "SPAWN",
    "The command could not be started: its record cannot be written. The manager's directory must exist and be writable.",
    { cause },
  );
}

/** The wrapper's line has the word, the boot's id, and its own line of `/proc/self/stat` or its id. */
function parseClaim(text: string): Claimant | undefined {
  const [line = ""] = text.split("\n", 1);
  if (line === "") return undefined;
  const [, boot = "", rest = ""] = /^wrapper (\S+) (.*)$/.exec(line) ?? [];
  const process = parseStat(rest) ?? null;
  const pid = process?.pid ?? Number.parseInt(rest, 10);
  return {
    pid: Number.isNaN(pid) ? undefined : pid,
    process,
    isAlive: () => (process === null ? !Number.isNaN(pid) && exists(pid) : isAlive(process, boot)),
  };
}

/** All that can be said without /proc: so it holds for our own children only. */
function exists(pid: number): boolean {
  try {
    return !canIdentifyProcesses() && kill(pid, 0);
  } catch {
    return false;
  }
}

function isAlive(process: ProcessEntry, boot: string): boolean {
  if (!canIdentifyProcesses()) return false;
  if (livingProcess(process.pid)?.startTime !== process.startTime) return false;
  return readOr("/proc/sys/kernel/random/boot_id", "").trim() === boot;
}

function readOr(file: string, missing: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return missing;
    throw error;
  }
}
