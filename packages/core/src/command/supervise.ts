import { watch } from "node:fs";
import type { Clock } from "../clock/clock.ts";
import { MeanwhileError } from "../errors.ts";
import { isExhaustion } from "../proc/exhaustion.ts";
import { type Bell, createBell } from "./bell.ts";
import type { Cgroup } from "./end/cgroup.ts";
import { endRun, graceMs } from "./end/end-run.ts";
import { isRunning } from "./end/is-running.ts";
import { countLeft, endLeft } from "./end/left-running.ts";
import type { ExitRecord } from "./start/exit-record.ts";
import type { Started } from "./start/launcher.ts";
import type { RunFiles } from "./start/run-files.ts";

/** Milliseconds after which the output of a command that ended is taken to be held by another. */
const holdMs = 100;
/** Milliseconds to wait for that output in all; who holds it may be beyond our reach. */
const drainMs = 2_000;
/** Milliseconds between looks at a command whose events may not reach us. */
const lookMs = 500;
/** Milliseconds after which a launcher that does not begin a command is taken to be stuck. */
const stuckMs = 10_000;

interface SuperviseOptions {
  readonly files: RunFiles;
  readonly marker: string;
  readonly cgroup: Cgroup | undefined;
  /** Starts the command; undefined for one that another process started. */
  readonly started: ((ring: () => void) => Started) | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Ends the command with `OUTPUT_LIMIT` when it prints more than is kept. */
  readonly stopWhenCut: boolean;
  /** What happens to processes that the command leaves running. */
  readonly leftovers: "end" | "report";
}

/** How a command ended. */
interface Supervised {
  readonly record: ExitRecord;
  /** When that was known, on the monotonic clock. */
  readonly knownAt: number;
  /** Processes that ran on when the command had ended. */
  readonly leftRunning: number;
}

/**
 * Starts a command, and waits for it to end and its output to be complete. Its launcher rings at
 * once, or a change of its record where another process started it; a slow look is only for what
 * they miss. What the command left running is ended then, unless that is to be reported only.
 *
 * On `CANCELLED`, `TIMEOUT` and any other reason of its own the whole tree is ended before the
 * signal's reason is thrown, unless the command had ended by itself. On `CLOSED` and `LEASE_LOST`
 * the command is left alone: it goes on, and its next manager takes it up.
 *
 * Gives `"not begun"` when the launcher died before it came to this command, or the system had no
 * process for it; it will never run then. While this process is out of descriptors it waits.
 *
 * Throws `INTERRUPTED` when no exit code will ever be recorded, `SPAWN` when the wrapper could not
 * begin, `OUTPUT_LIMIT`. Nothing of the command runs any more then.
 */
export async function supervise(options: SuperviseOptions): Promise<Supervised | "not begun"> {
  const { files, signal, clock } = options;
  const bell = createBell(clock);
  const stopWatching =
    options.started === undefined ? watchFile(files.recordFile, bell.ring) : noop;
  signal.addEventListener("abort", bell.ring);
  const started = options.started?.(bell.ring);
  const progress = { bell, started, startedAt: clock.monotonic() };
  try {
    // There is nothing to see of a command that was asked for only now.
    if (started?.isHeard() === true && !signal.aborted) await bell.rung(lookMs);
    for (;;) {
      try {
        const end = await look(options, progress);
        if (end !== undefined) return end;
      } catch (error) {
        // What becomes of the command is on disk, and can be read later.
        if (error === signal.reason || !isExhaustion(error)) throw error;
      }
      await bell.rung(lookMs);
    }
  } finally {
    signal.removeEventListener("abort", bell.ring);
    started?.forget(isLetGo(signal));
    stopWatching();
  }
}

interface Progress {
  readonly bell: Bell;
  readonly started: Started | undefined;
  /** On the monotonic clock. */
  readonly startedAt: number;
}

/** How the command ended, once it has. Throws as `supervise` does. */
async function look(
  options: SuperviseOptions,
  progress: Progress,
): Promise<Supervised | "not begun" | undefined> {
  const { files, signal, clock, stopWhenCut } = options;
  const record = files.record();
  if (record.exit !== undefined) {
    const knownAt = clock.monotonic();
    return { knownAt, ...(await finish(options, record, progress.bell)) };
  }
  if (signal.aborted) throw await stop(options);
  if (stopWhenCut && record.cut) throw await stopPrinting(options);
  const claimant = files.claimant();
  if (claimant === undefined) return unclaimed(options, progress);
  if (claimant.isAlive()) return undefined;
  // It may have recorded its exit between the two looks.
  const last = files.record();
  if (last.exit !== undefined) return look(options, progress);
  // Nothing was begun, and nobody else can claim it: it may be tried again.
  const hadNoProcess = last.began === undefined && /\bfork\b/i.test(last.complaint);
  if (hadNoProcess && !(await isRunning(options))) return "not begun";
  throw await lost(options, last);
}

/** Nobody has claimed the run yet, or the command did away with its record. */
async function unclaimed(
  options: SuperviseOptions,
  progress: Progress,
): Promise<Supervised | "not begun" | undefined> {
  const { files, clock } = options;
  const { started, startedAt } = progress;
  if (!files.exists()) throw await withoutRecord(options);
  const isUntouched = files.isUntouched();
  if (isUntouched && started?.isHeard() === true && !started.hasRung()) {
    // What it was told to start meanwhile is started by the next one.
    if (clock.monotonic() - startedAt > stuckMs) started.abandon();
    return undefined;
  }
  if (!(await claim(options))) return look(options, progress);
  if (isUntouched) return "not begun";
  throw await withoutRecord(options);
}

/** Throws `SPAWN` when the disk is full: then the wrapper could not begin either. */
async function claim(options: SuperviseOptions): Promise<boolean> {
  try {
    return options.files.claim();
  } catch (error) {
    if (await isRunning(options)) throw await withoutRecord(options);
    throw error;
  }
}

/**
 * Waits until the output is complete, and sees to what the command has left; gives the record as it
 * is then, and how many processes were left. Normally there is none, and the output is complete
 * within a millisecond.
 */
async function finish(
  options: SuperviseOptions,
  found: ExitRecord,
  bell: Bell,
): Promise<Pick<Supervised, "record" | "leftRunning">> {
  const { files, clock, leftovers } = options;
  const start = clock.monotonic();
  let looked = false;
  let left = 0;
  let record = found;
  while (!record.spooled) {
    const waitedMs = clock.monotonic() - start;
    if (waitedMs >= (leftovers === "end" ? drainMs : holdMs)) break;
    if (waitedMs >= holdMs && !looked) {
      // Somebody holds the output.
      looked = true;
      left = await endLeft(options);
    } else {
      await bell.rung((looked ? drainMs : holdMs) - waitedMs);
    }
    record = files.record();
  }
  const leftRunning =
    leftovers === "report" ? await countLeft(options) : Math.max(left, await endLeft(options));
  return { record: record.spooled ? record : files.record(), leftRunning };
}

/** Gives what to throw after the signal aborted while the command ran. */
async function stop(options: SuperviseOptions): Promise<unknown> {
  const { signal } = options;
  if (!isLetGo(signal)) await endRun(options, graceMs);
  return signal.reason;
}

/** Whether the command goes on, for its next manager. */
function isLetGo({ reason }: AbortSignal): boolean {
  return (
    MeanwhileError.isInstance(reason, "CLOSED") || MeanwhileError.isInstance(reason, "LEASE_LOST")
  );
}

async function stopPrinting(options: SuperviseOptions): Promise<MeanwhileError> {
  await endRun(options, graceMs);
  return new MeanwhileError(
    "OUTPUT_LIMIT",
    "The command was ended because it printed more than may be kept.",
  );
}

async function lost(
  options: SuperviseOptions,
  { began, complaint }: ExitRecord,
): Promise<MeanwhileError> {
  const hasBegun = began !== undefined || (await isRunning(options));
  // Somebody killed the wrapper; what it ran must not go on unseen.
  await endRun(options, graceMs);
  if (!hasBegun && complaint !== "") {
    return new MeanwhileError("SPAWN", `The command could not be started: ${complaint}.`);
  }
  return new MeanwhileError(
    "INTERRUPTED",
    "The command was ended from outside together with the process that records its exit code, so the code is not known. Check what it did before running it again.",
  );
}

async function withoutRecord(options: SuperviseOptions): Promise<MeanwhileError> {
  await endRun(options, graceMs);
  return new MeanwhileError(
    "INTERRUPTED",
    "The command's record was removed or emptied, so it is not known how the command ended, nor whether it began. What was left of it was ended. Check what it did before running it again.",
  );
}

function watchFile(file: string, changed: () => void): () => void {
  try {
    const watcher = watch(file, changed);
    // Without watches, of which a machine has a limited number, the slow look remains.
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch {
    return noop;
  }
}

function noop(): void {}
