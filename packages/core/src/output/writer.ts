import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";

/** How much may wait in memory before a writer is asked to wait. */
const highWaterBytes = 1024 * 1024;

/** Appends a task's output to its file, up to a cap. */
export interface OutputWriter {
  /** Resolves when more may be written; rejects when the file cannot be written. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** Resolves when everything written so far is in the file. */
  flush(): Promise<void>;
  /** Rejects when something could not be written, also if nobody waited for that write. */
  close(): Promise<void>;
  /** Bytes accepted so far, those of earlier attempts included. */
  readonly bytes: number;
}

/** Does no I/O before the first write. `locate` gives the file's path in a folder that exists. */
export function createOutputWriter(locate: () => Promise<string>, maxBytes: number): OutputWriter {
  let file: FileHandle | undefined;
  let bytes = 0;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let flushing: Promise<void> | undefined;
  let broken: unknown;

  async function openFile(): Promise<FileHandle> {
    // O_NOFOLLOW: whoever can write into the folder must not redirect the output.
    const flags =
      constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW;
    const opened = await open(await locate(), flags, 0o600);
    bytes += (await opened.stat()).size;
    return opened;
  }

  async function drain(): Promise<void> {
    try {
      file ??= await openFile();
      while (waiting.length > 0) {
        const chunk = Buffer.concat(waiting);
        waiting = [];
        waitingBytes = 0;
        const kept = chunk.subarray(0, Math.max(maxBytes - bytes, 0));
        if (kept.length > 0) await file.appendFile(kept);
        bytes += kept.length;
      }
    } catch (error) {
      broken = error;
      waiting = [];
      waitingBytes = 0;
    } finally {
      flushing = undefined;
    }
  }

  function flush(): Promise<void> {
    if (waiting.length === 0) return flushing ?? Promise.resolve();
    flushing ??= drain();
    return flushing;
  }

  return {
    write(chunk) {
      const result = append(chunk);
      // A task need not await its writes; one that does sees the error.
      result.catch(() => {});
      return result;
    },
    flush,
    async close() {
      await flush();
      await file?.close();
      file = undefined;
      if (broken !== undefined) throw broken;
    },
    get bytes() {
      return bytes;
    },
  };

  async function append(chunk: string | Uint8Array): Promise<void> {
    if (broken !== undefined) throw broken;
    const data = typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk);
    waiting.push(data);
    waitingBytes += data.length;
    const flushed = flush();
    if (waitingBytes > highWaterBytes) {
      await flushed;
      if (broken !== undefined) throw broken;
    }
  }
}
