import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Clock } from "../../clock/clock.ts";

/** The output of one command, on its way from pipes into a file. */
export interface CollectedOutput {
  /** Resolves when every pipe is at its end and what came is in the file. */
  readonly ended: Promise<void>;
  /** Resolves when more has come than is kept. */
  readonly overflowed: Promise<void>;
  /** Some of the output is not in the file: it reached its cap, or could not be written. */
  isCut(): boolean;
  /** Takes what waits in the pipes, whoever still holds them, and closes them and the file. */
  finish(): Promise<void>;
}

/** Milliseconds for what a process that never stops printing puts into pipes that it holds. */
const restMs = 2_000;

interface CollectOptions {
  /** Opened to append to; closed by `finish`. */
  readonly file: FileHandle;
  /** How many bytes are kept. */
  readonly maxBytes: number;
  readonly clock: Clock;
}

/** How many bytes may wait for the disk before the pipes are no longer read. */
const mostWaiting = 1024 * 1024;

/**
 * Appends what comes from the streams to a file, piece by piece in the order in which it comes, up
 * to the cap; the rest is read and dropped, so that the command never blocks. About a megabyte is
 * in memory at most: who prints faster than the disk takes it has to wait.
 */
export function collectOutput(
  streams: readonly Readable[],
  { file, maxBytes, clock }: CollectOptions,
): CollectedOutput {
  const overflow = Promise.withResolvers<void>();
  let received = 0;
  let waiting = 0;
  let cut = false;
  let broken = false;
  let written: Promise<void> = Promise.resolve();
  for (const stream of streams) stream.on("data", take);
  const ended = Promise.all(streams.map(untilEnd)).then(() => written);

  function take(chunk: Buffer): void {
    const kept = chunk.subarray(0, Math.max(0, maxBytes - received));
    received += chunk.length;
    if (kept.length < chunk.length) {
      cut = true;
      overflow.resolve();
    }
    if (kept.length === 0) return;
    waiting += kept.length;
    if (waiting > mostWaiting) for (const stream of streams) stream.pause();
    written = written.then(() => append(kept));
  }

  async function append(chunk: Buffer): Promise<void> {
    try {
      if (!broken) await file.appendFile(chunk);
    } catch {
      // The disk is full: the command goes on, as with a cap.
      broken = true;
    }
    cut ||= broken;
    waiting -= chunk.length;
    if (waiting <= mostWaiting) for (const stream of streams) stream.resume();
  }

  /** What a command wrote before it ended can be read at once; what comes later is not its own. */
  async function takeRest(): Promise<void> {
    const until = clock.monotonic() + restMs;
    for (let before = -1; clock.monotonic() < until; ) {
      if (received === before && waiting === 0) return;
      before = received;
      // Between the second and the third lies one whole turn of the loop, with a look at the pipes.
      for (let turns = 0; turns < 3; turns++) {
        await new Promise<void>((resolve) => clock.immediate(resolve));
      }
    }
  }

  return {
    ended,
    overflowed: overflow.promise,
    isCut: () => cut,
    async finish() {
      if (streams.some((stream) => !stream.readableEnded && !stream.destroyed)) await takeRest();
      for (const stream of streams) stream.destroy();
      await ended;
      // Some file systems say only now that the disk was full.
      await file.close().catch(() => {
        cut = true;
      });
    },
  };
}

async function untilEnd(stream: Readable): Promise<void> {
  try {
    await finished(stream, { writable: false });
  } catch {
    // Nobody reads it any more, or the system has closed it: what came before is kept.
  }
}
