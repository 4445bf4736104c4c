import type { Clock } from "../../clock/clock.ts";
import { MeanwhileError } from "../../errors.ts";
import { graceMs } from "../end/end-run.ts";
import type { Exit } from "../start/exit-record.ts";
import type { CollectedOutput } from "./collect-output.ts";
import type { Child } from "./start-child.ts";
import type { ProcessTree } from "./tree.ts";
import { within } from "./within.ts";

/** Milliseconds after which the output of a command that ended is taken to be held by another. */
const holdMs = 100;

interface SuperviseOptions {
  readonly child: Child;
  readonly tree: ProcessTree;
  readonly output: CollectedOutput;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Ends the command with `OUTPUT_LIMIT` when it prints more than is kept. */
  readonly stopWhenCut: boolean;
  /** What happens to processes that the command leaves running. */
  readonly leftovers: "end" | "report";
}

/** How a child ended. */
interface Ended {
  readonly exit: Exit;
  /** When that was known, on the monotonic clock. */
  readonly knownAt: number;
  /** Processes that ran on when the command had ended. */
  readonly leftRunning: number;
}

/**
 * Waits for a child to end and its output to be in the file. It is the end of the process that
 * counts, since another may hold its pipes for long. When the signal aborts before, whatever the
 * reason, the whole tree is ended: nobody else could take the command up.
 *
 * Throws the signal's reason, or `OUTPUT_LIMIT`.
 */
export async function superviseChild(options: SuperviseOptions): Promise<Ended> {
  const { child, tree, output, signal, clock, stopWhenCut, leftovers } = options;
  const aborted = whenAborted(signal);
  const never = new Promise<never>(() => {});
  try {
    await Promise.race([child.exited, aborted.promise, stopWhenCut ? output.overflowed : never]);
    const exit = child.exit();
    if (exit === undefined) {
      await tree.end(graceMs);
      throw signal.aborted ? signal.reason : printedTooMuch();
    }
    const knownAt = clock.monotonic();
    const held = !(await within(output.ended, holdMs, clock));
    const leftRunning = await tree.left({ held, end: leftovers === "end" });
    return { exit, knownAt, leftRunning };
  } finally {
    aborted.dispose();
    await output.finish();
  }
}

function whenAborted(signal: AbortSignal): {
  readonly promise: Promise<void>;
  readonly dispose: () => void;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  const abort = (): void => resolve();
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  return { promise, dispose: () => signal.removeEventListener("abort", abort) };
}

function printedTooMuch(): MeanwhileError {
  return new MeanwhileError(
    "OUTPUT_LIMIT",
    "The command was ended because it printed more than may be kept.",
  );
}
