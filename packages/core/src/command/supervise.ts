import { watch } from "node:fs";
import type { Clock } from "../clock/clock.ts";
import { MeanwhileError } from "../errors.ts";
import { type Bell, createBell } from "./bell.ts";
import { endGroup, endTree } from "./end/end-tree.ts";
import { groupExists } from "./end/processes.ts";
import { canIdentifyProcesses } from "./platform.ts";
import type { ExitRecord } from "./start/exit-record.ts";
import type { RunDirectory } from "./start/run-directory.ts";
import type { Wrapper } from "./start/wrapper.ts";

/** Milliseconds that a command has between TERM and KILL. */
export const graceMs = 5_000;
/** The same for what a command left running when it ended. */
const leftoverGraceMs = 500;
/** Milliseconds after which the output of a command that ended is taken to be held by another. */
const holdMs = 100;
/** Milliseconds to wait for that output in all; who holds it may be beyond our reach. */
const drainMs = 2_000;
/** Milliseconds between looks at a command whose events may not reach us. */
const lookMs = 500;

interface SuperviseOptions {
  readonly directory: RunDirectory;
  readonly marker: string;
  /** Undefined for a command that another process started. */
  readonly wrapper: Wrapper | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** How a command ended, and when that was known on the monotonic clock. */
interface Supervised {
  readonly record: ExitRecord;
  readonly knownAt: number;
}

/**
 * Waits for a command to end and its output to be complete. A change of its exit file and the end
 * of its wrapper ring at once; a slow look is only for what they miss. What the command left
 * running is ended then, so that nothing of it remains.
 *
 * On `CANCELLED` and `TIMEOUT` the whole tree is ended before the signal's reason is thrown, unless
 * the command had ended by itself. On `CLOSED` and `LEASE_LOST` the reason is thrown and the
 * command left alone: it goes on, and its next manager takes it up.
 *
 * Throws `INTERRUPTED` when no exit code will ever be recorded, `SPAWN` when the wrapper could not
 * begin.
 */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const { directory, wrapper, signal, clock } = options;
  const bell = createBell(clock);
  const stopWatching = watchFile(directory.exitFile, bell.ring);
  signal.addEventListener("abort", bell.ring);
  void wrapper?.ended.then(bell.ring);
  try {
    for (;;) {
      if (directory.exitRecord().exit !== undefined) {
        const knownAt = clock.monotonic();
        await finish(options, bell);
        return { record: directory.exitRecord(), knownAt };
      }
      if (signal.aborted) throw await stop(options);
      if (await willRecord(options)) await bell.rung(lookMs);
      else {
        // It may have recorded its exit between the two looks.
        const last = directory.exitRecord();
        if (last.exit === undefined) throw await lost(options, last);
      }
    }
  } finally {
    signal.removeEventListener("abort", bell.ring);
    stopWatching();
  }
}

/**
 * Waits until the output is closed, and ends what the command has left. Normally its wrapper ends
 * within a millisecond and there is nothing. A process that holds the output is ended first,
 * sparing the wrapper, which may only be slow and still has output to store.
 */
async function finish(options: SuperviseOptions, bell: Bell): Promise<void> {
  const { directory, wrapper, clock } = options;
  const start = clock.monotonic();
  const closed = () => wrapper?.hasEnded() ?? directory.exitRecord().spooled;
  for (let looked = false; !closed(); ) {
    const waitedMs = clock.monotonic() - start;
    if (waitedMs >= drainMs) break;
    if (waitedMs >= holdMs && !looked) {
      looked = true;
      await endLeftovers(options, "spare the wrapper");
    } else {
      await bell.rung((looked ? drainMs : holdMs) - waitedMs);
    }
  }
  await endLeftovers(options, "spare nothing");
}

async function endLeftovers(
  options: SuperviseOptions,
  spare: "spare the wrapper" | "spare nothing",
): Promise<void> {
  const { directory, marker, wrapper, clock } = options;
  const group = wrapper?.pid ?? (await directory.claimant())?.process?.group;
  if (group === undefined || !groupExists(group)) return;
  if (canIdentifyProcesses()) {
    // The wrapper sent TERM to the group when the command ended.
    const spared = spare === "spare the wrapper" ? group : undefined;
    await endTree({ marker, clock, graceMs: leftoverGraceMs, askedGroup: group, spared });
  } else if (wrapper?.hasEnded() === false) {
    // Once the leader is reaped its number may be another's.
    await endGroup(group, { clock, graceMs: leftoverGraceMs });
  }
}

/** Gives what to throw after the signal aborted while the command ran. */
async function stop(options: SuperviseOptions): Promise<unknown> {
  const { wrapper, signal } = options;
  const leave =
    MeanwhileError.isInstance(signal.reason, "CLOSED") ||
    MeanwhileError.isInstance(signal.reason, "LEASE_LOST");
  if (leave) wrapper?.release();
  else await endAll(options, graceMs);
  return signal.reason;
}

/** Whether some process still stands for recording the exit. */
async function willRecord({ directory, wrapper }: SuperviseOptions): Promise<boolean> {
  if (wrapper !== undefined && !wrapper.hasEnded() && !canIdentifyProcesses()) return true;
  const claimant = await directory.claimant();
  if (claimant === undefined) return wrapper !== undefined && !wrapper.hasEnded();
  return claimant.isAlive();
}

async function lost(options: SuperviseOptions, { complaint }: ExitRecord): Promise<MeanwhileError> {
  const claimed = (await options.directory.claimant()) !== undefined;
  // Somebody killed the wrapper; what it ran must not go on unseen.
  await endAll(options, graceMs);
  if (complaint !== "" || !claimed) {
    const why = complaint || "its folder must be writable and allow hard links";
    return new MeanwhileError("SPAWN", `The command could not be started: ${why}.`);
  }
  return new MeanwhileError(
    "INTERRUPTED",
    "The command was ended from outside together with the process that records its exit code, so the code is not known. Check what it did before running it again.",
  );
}

async function endAll(options: SuperviseOptions, grace: number): Promise<void> {
  const { marker, wrapper, clock } = options;
  if (canIdentifyProcesses()) await endTree({ marker, clock, graceMs: grace });
  else if (wrapper !== undefined && !wrapper.hasEnded()) {
    await endGroup(wrapper.pid, { clock, graceMs: grace });
  }
}

function watchFile(file: string, changed: () => void): () => void {
  try {
    const watcher = watch(file, changed);
    // Without watches, of which a machine has a limited number, the slow look remains.
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => {};
  }
}
