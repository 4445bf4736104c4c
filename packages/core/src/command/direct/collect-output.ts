import type { Readable } from "node:stream";
import type { Clock } from "../../clock/clock.ts";
import { createOutputWriter } from "../../output/writer.ts";

/** The output of one command, on its way from pipes into a file. */
export interface CollectedOutput {
  /** Resolves when every pipe is at its end and what came is on its way into the file. */
  readonly ended: Promise<void>;
  /** Resolves when more has come than is kept. */
  readonly overflowed: Promise<void>;
  /** Some of the output is not in the file: it reached its cap, or could not be written. */
  isCut(): boolean;
  /** Takes what waits in the pipes, whoever still holds them, and lets go of them. */
  finish(): Promise<void>;
}

/** Milliseconds for what a process that never stops printing has put into pipes that it holds. */
const restMs = 2_000;

interface CollectOptions {
  readonly file: string;
  /** Bytes that the file has already. */
  readonly startBytes: number;
  /** Most bytes that the file may have. */
  readonly maxBytes: number;
  readonly clock: Clock;
}

/**
 * Appends what comes from the streams to a file, piece by piece as it comes, up to the cap; the rest
 * is read and dropped, so that the command never blocks. At most about a megabyte is in memory: who
 * prints faster than the disk takes it has to wait.
 */
export function collectOutput(
  streams: readonly Readable[],
  { file, startBytes, maxBytes, clock }: CollectOptions,
): CollectedOutput {
  const writer = createOutputWriter(async () => file, maxBytes);
  const overflow = Promise.withResolvers<void>();
  const room = Math.max(0, maxBytes - startBytes);
  let received = 0;
  let writing = 0;
  let cut = false;
  const ended = Promise.all(streams.map(pump)).then(() => {});

  async function pump(stream: Readable): Promise<void> {
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) await take(chunk);
    } catch {
      // Nobody reads it any more, or the system has closed it: what came before is kept.
    }
  }

  async function take(chunk: Buffer): Promise<void> {
    const kept = chunk.subarray(0, Math.max(0, room - received));
    received += chunk.length;
    if (kept.length < chunk.length) {
      cut = true;
      overflow.resolve();
    }
    if (kept.length === 0) return;
    writing += 1;
    try {
      await writer.write(kept);
    } catch {
      // The disk is full, or the folder is gone: the command goes on, as with a cap.
      cut = true;
    } finally {
      writing -= 1;
    }
  }

  /** What a command wrote before it ended can be read at once; what comes later is not its own. */
  async function takeRest(): Promise<void> {
    const until = clock.monotonic() + restMs;
    for (let before = -1; clock.monotonic() < until; ) {
      if (received === before && writing === 0) return;
      before = received;
      // One whole turn of the loop lies between the second and the third, with a look at the pipes.
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
      await writer.close().catch(() => {
        cut = true;
      });
    },
  };
}
