import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { MeanwhileError } from "../errors.ts";
import { continuationBytes, incompleteBytes } from "./utf8-borders.ts";

/** A piece of a task's output. The text is the program's own, not made safe for a model. */
export interface OutputChunk {
  /** Whole characters; bytes that are no UTF-8 are shown as U+FFFD. */
  readonly text: string;
  /** Byte cursor for the next call. */
  readonly next: number;
  /** True when the task is settled and nothing follows. */
  readonly end: boolean;
  /** True when output was dropped because it reached the manager's `outputBytes`. */
  readonly truncated: boolean;
}

/** Which piece of the output to read. */
export interface ReadOutputOptions {
  /** Byte cursor: `next` of an earlier chunk. @default 0 */
  readonly after?: number;
  /** Most bytes to read. @default 65536 */
  readonly maxBytes?: number;
  /** Reads the last `maxBytes` after the cursor rather than the first. @default false */
  readonly tail?: boolean;
  /**
   * Ends the piece behind a newline in its second half, if more follows, and begins a tail behind
   * one in its first half: so that no cut goes through a line and what is secret in it.
   * @default false
   */
  readonly wholeLines?: boolean;
  /**
   * Gives the text as a terminal would show it, for people to read: without control sequences,
   * invisible characters and secrets.
   * @default false
   */
  readonly clean?: boolean;
}

/**
 * Reads a part of the file; a file that does not exist is empty output. Costs what is read.
 * @throws MeanwhileError `STORE` when there is a file that cannot be opened
 */
export async function readOutput(
  path: string,
  options: ReadOutputOptions,
  state: { readonly settled: boolean; readonly capBytes: number },
): Promise<OutputChunk> {
  const { after = 0, maxBytes = 65_536, tail = false, wholeLines = false } = options;
  let file: FileHandle;
  try {
    file = await open(path, readFlags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw unreadable(path, error);
    return { text: "", next: after, end: state.settled, truncated: false };
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) throw unreadable(path, new Error("It is no file any more."));
    const { size } = found;
    const start = tail ? Math.max(after, size - maxBytes) : after;
    const buffer = Buffer.alloc(Math.max(Math.min(maxBytes, size - start), 0));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    const read = buffer.subarray(0, bytesRead);
    const head =
      tail && start > after
        ? Math.max(continuationBytes(read), wholeLines ? firstLine(read) : 0)
        : 0;
    const last = start + bytesRead >= size;
    // A character may be half written, or cut by maxBytes: it belongs to the next chunk.
    const cut = last && state.settled ? 0 : incompleteBytes(read);
    const lineCut = wholeLines && !last ? lastLine(read) : 0;
    const next = start + bytesRead - Math.max(cut < bytesRead ? cut : 0, lineCut);
    return {
      text: read.subarray(head, next - start).toString("utf8"),
      next,
      end: state.settled && next >= size,
      truncated: size >= state.capBytes,
    };
  } finally {
    await file.close();
  }
}

/**
 * A piece of the file, as it is; empty past its end, and for a file that does not exist.
 * @throws MeanwhileError `STORE` when there is a file that cannot be opened
 */
export async function readBytes(path: string, after: number, maxBytes: number): Promise<Buffer> {
  let file: FileHandle;
  try {
    file = await open(path, readFlags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw unreadable(path, error);
    return Buffer.alloc(0);
  }
  try {
    if (!(await file.stat()).isFile()) throw unreadable(path, new Error("It is no file any more."));
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, after);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A command may have put a link or a pipe there, which would lead elsewhere or wait for a writer. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
const readFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

const newline = 0x0a;

/** How many bytes in the first half are of a line that began before. */
function firstLine(bytes: Buffer): number {
  const end = bytes.indexOf(newline) + 1;
  return end <= bytes.length / 2 ? end : 0;
}

/** How many bytes in the second half begin a line that goes on behind them. */
function lastLine(bytes: Buffer): number {
  const end = bytes.lastIndexOf(newline) + 1;
  return end >= bytes.length / 2 ? bytes.length - end : 0;
}

function unreadable(path: string, cause: unknown): MeanwhileError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MeanwhileError(
    "STORE",
    `The task's output cannot be read. Check the permissions of the manager's directory. (${why})`,
    { cause, details: { path } },
  );
}
