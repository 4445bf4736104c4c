import { closeSync, constants, lstatSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { kill } from "node:process";
import { MeanwhileError } from "../../errors.ts";
import { isExhaustion } from "../../proc/exhaustion.ts";
import { livingProcess, type ProcessEntry } from "../../proc/stat.ts";
import { canIdentifyProcesses } from "../platform.ts";
import { type ExitRecord, parseExitRecord } from "./exit-record.ts";
import { parseIdentity } from "./identity.ts";
import { readRecord } from "./read-record.ts";

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
  /** False when somebody has removed the record, or put something else in its place. */
  exists(): boolean;
  /**
   * Whether nobody has tried to write to the record since it was made. An empty one that is not
   * was emptied, or the disk is full, or the first line is being written this very moment.
   */
  isUntouched(): boolean;
  /** Who claimed the run first; undefined while nobody did. */
  claimant(): Claimant | undefined;
  /**
   * Claims the run, so that no wrapper can run it any more. False if a wrapper did before, or the
   * record was removed. Throws `SPAWN` when it cannot be written.
   */
  claim(): boolean;
}

export interface Claimant {
  /** The wrapper that will record the exit code; undefined for a claim that a manager made. */
  readonly pid: number | undefined;
  /** Null where processes cannot be told apart. */
  readonly process: ProcessEntry | null;
  isAlive(): boolean;
}

/** Makes the files with the first free number from `first` on, mode 0600. Throws `SPAWN`. */
export function createRunFiles(
  taskDirectory: string,
  first: number,
  stdin: "open" | "closed",
): { readonly number: number; readonly files: RunFiles } {
  for (let number = first; ; number++) {
    const recordFile = recordFileOf(taskDirectory, number);
    try {
      closeSync(openSync(recordFile, "wx", 0o600));
    } catch (error) {
      // Left by an owner that lost the task before it could say so.
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      if (isExhaustion(error)) throw error;
      throw cannotRecord(error);
    }
    const { ctimeNs } = lstatSync(recordFile, { bigint: true });
    const files = runFiles(recordFile, ctimeNs);
    if (stdin === "open") closeSync(openSync(files.stdinFile, "a", 0o600));
    return { number, files };
  }
}

/** The files of a run that somebody else made, and that was claimed since. */
export function openRunFiles(taskDirectory: string, number: number): RunFiles {
  return runFiles(recordFileOf(taskDirectory, number), undefined);
}

function recordFileOf(taskDirectory: string, number: number): string {
  return join(taskDirectory, `run-${number}`);
}

/** `madeAt`: when the record was made, empty, in nanoseconds since 1970; nobody can set it back. */
function runFiles(recordFile: string, madeAt: bigint | undefined): RunFiles {
  return {
    recordFile,
    stdinFile: `${recordFile}.stdin`,
    record: () => parseExitRecord(readRecord(recordFile)),

    exists: () => lstatSync(recordFile, { throwIfNoEntry: false })?.isFile() === true,
    isUntouched: () =>
      lstatSync(recordFile, { throwIfNoEntry: false, bigint: true })?.ctimeNs === madeAt,

    claimant: () => parseClaim(readRecord(recordFile)),

    claim() {
      // Whose line is the first has the run; one write to the end of a local file is atomic.
      try {
        const file = openSync(recordFile, claimFlags);
        try {
          writeSync(file, "manager\n");
        } finally {
          closeSync(file);
        }
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw cannotRecord(cause);
      }
      return readRecord(recordFile).startsWith("manager\n");
    },
  };
}

/** A command may have put a link or a pipe there, which would lead elsewhere or wait for a reader. */
const claimFlags =
  constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What a command that cannot say how it ends is not run for. */
export function cannotRecord(cause?: unknown): MeanwhileError {
  return new MeanwhileError(
    "SPAWN",
    "The command could not be started: its record cannot be written. The manager's directory must exist and be writable.",
    { cause },
  );
}

/** The wrapper's line has the word, the boot's id, and which process it is. */
function parseClaim(text: string): Claimant | undefined {
  if (text === "") return undefined;
  const [line = ""] = text.split("\n", 1);
  const [, boot = "", rest = ""] = /^wrapper (\S+) (.*)$/.exec(line) ?? [];
  const process = parseIdentity(rest) ?? null;
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
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() === boot;
}
