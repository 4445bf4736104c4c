import { watch } from "node:fs";
import type { Clock } from "../clock/clock.ts";
import { MeanwhileError } from "../errors.ts";
import { createBell } from "./bell.ts";
import { endGroup, endTree } from "./end-tree.ts";
import type { ExitRecord } from "./exit-record.ts";
import { canIdentifyProcesses } from "./platform.ts";
import { groupExists } from "./processes.ts";
import type { RunDirectory } from "./run-directory.ts";
import type { Wrapper } from "./wrapper.ts";

/** Milliseconds that a command has between TERM and KILL. */
export const graceMs = 5_000;
/** The same for what a command left running when it ended. */
const leftoverGraceMs = 500;
/** Milliseconds to wait for the output of a command that has ended, if a child of it holds it. */
const drainMs = 100;
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

/**
 * Waits for a command and gives what is recorded of its end. The end of its processes, of its
 * wrapper and a change of its exit file ring at once; a slow look is only for what they miss.
 *
 * On `CANCELLED` and `TIMEOUT` the whole tree is ended before the signal's reason is thrown, unless
 * the command had ended by itself. On `CLOSED` and `LEASE_LOST` the reason is thrown and the
 * command left alone: it goes on, and its next manager takes it up.
 *
 * Throws `INTERRUPTED` when no exit code will ever be recorded, `SPAWN` when the wrapper could not
 * begin.
 */
export async function supervise(options: SuperviseOptions): Promise<ExitRecord> {
  const { directory, wrapper, signal, clock } = options;
  const bell = createBell(clock);
  const stopWatching = watchFile(directory.exitFile, bell.ring);
  signal.addEventListener("abort", bell.ring);
  void wrapper?.ended.then(bell.ring);
  let endedAt: number | undefined;
  try {
    for (;;) {
      const record = directory.exitRecord();
      if (record.exit !== undefined) {
        endedAt ??= clock.monotonic();
        const drainedMs = clock.monotonic() - endedAt;
        if (record.spooled || wrapper?.hasEnded() || drainedMs >= drainMs) return record;
        await bell.rung(drainMs - drainedMs);
      } else if (signal.aborted) {
        throw await stop(options);
      } else if (await willRecord(options)) {
        await bell.rung(lookMs);
      } else {
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

/** Ends what a command that ended by itself has left of its group; normally that is nothing. */
export async function endLeftovers(options: SuperviseOptions): Promise<void> {
  const { directory, marker, wrapper, clock } = options;
  if (wrapper !== undefined) {
    const bell = createBell(clock);
    void wrapper.ended.then(bell.ring);
    if (!wrapper.hasEnded()) await bell.rung(leftoverGraceMs);
    if (!groupExists(wrapper.pid)) return;
    const grace = wrapper.hasEnded() ? leftoverGraceMs : 0;
    if (canIdentifyProcesses()) await endTree({ marker, clock, graceMs: grace, terminate: false });
    // Once the leader is reaped its number may be another's.
    else if (!wrapper.hasEnded()) await endGroup(wrapper.pid, { clock, graceMs: grace });
    return;
  }
  const group = (await directory.claimant())?.process?.group;
  if (group !== undefined && groupExists(group)) {
    await endTree({ marker, clock, graceMs: leftoverGraceMs, terminate: false });
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
