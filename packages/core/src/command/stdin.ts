import { open } from "node:fs/promises";
import type { Writable } from "node:stream";
import type { TaskContext } from "../task/context.ts";
import { whenPossible } from "./start/when-possible.ts";

/** The copying of messages to a command's stdin, while it lasts. */
interface StdinFeed {
  /** Why a message could not be written, once that is so. */
  readonly failed: Promise<never>;
  stop(): void;
}

/**
 * Copies every message, as it is, to the file that a command's stdin is read from.
 *
 * Each message has its place in the file, the sum of those before it, and is written there and
 * nowhere else. So a manager that takes over, or two at once, write the same bytes to the same
 * places, and the command reads every message once.
 */
export function feedStdin(
  context: Pick<TaskContext, "messages" | "clock" | "signal">,
  file: string,
): StdinFeed {
  let position = 0;
  return feed(context.messages, async (bytes) => {
    await using handle = await whenPossible(() => open(file, "r+"), context);
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, written, undefined, position + written);
      written += bytesWritten;
    }
    position += bytes.length;
  });
}

/**
 * Copies every message, as it is, into the pipe that is a command's stdin, each when the one before
 * was taken. What comes after the command has closed its stdin is dropped.
 */
export function feedPipe(messages: AsyncIterable<string>, pipe: Writable): StdinFeed {
  // Each write hears of it as well.
  pipe.on("error", () => {});
  return feed(messages, (bytes) => new Promise((resolve) => pipe.write(bytes, () => resolve())));
}

function feed(messages: AsyncIterable<string>, write: (bytes: Buffer) => Promise<void>): StdinFeed {
  const iterator = messages[Symbol.asyncIterator]();
  let stopped = false;
  const failed = new Promise<never>((_, reject) => {
    copy(iterator, write, () => stopped).catch(reject);
  });
  // Whoever stops listening is not interested in a late failure.
  failed.catch(() => {});
  return {
    failed,
    stop() {
      stopped = true;
      // Not awaited: it may only end with the message that is being waited for.
      Promise.resolve(iterator.return?.()).catch(() => {});
    },
  };
}

async function copy(
  iterator: AsyncIterator<string>,
  write: (bytes: Buffer) => Promise<void>,
  stopped: () => boolean,
): Promise<void> {
  while (!stopped()) {
    const next = await iterator.next();
    if (next.done === true || stopped()) return;
    await write(Buffer.from(next.value));
  }
}
