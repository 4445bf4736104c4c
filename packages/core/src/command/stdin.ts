import { open } from "node:fs/promises";

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
export function feedStdin(messages: AsyncIterable<string>, file: string): StdinFeed {
  const iterator = messages[Symbol.asyncIterator]();
  let stopped = false;
  const failed = new Promise<never>((_, reject) => {
    copy(iterator, file, () => stopped).catch(reject);
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
  file: string,
  stopped: () => boolean,
): Promise<void> {
  let position = 0;
  while (!stopped()) {
    const next = await iterator.next();
    if (next.done === true || stopped()) return;
    const bytes = Buffer.from(next.value);
    await using handle = await open(file, "r+");
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, written, undefined, position + written);
      written += bytesWritten;
    }
    position += bytes.length;
  }
}
