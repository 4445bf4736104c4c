import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** Bytes that are read from each end of a record; by itself it has about one thousand. */
const endBytes = 32_768;

/**
 * The text of a run's record; "" when there is none. A command runs as the same user and may do
 * with its record what it likes: of one that was filled up the middle is left out, and whatever is
 * no plain file counts as none, since a pipe would wait and a link may lead anywhere.
 */
export function readRecord(recordFile: string): string {
  const file = openPlainly(recordFile);
  if (file === undefined) return "";
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return "";
    if (stat.size <= 2 * endBytes) return readPiece(file, 0, stat.size);
    const head = readPiece(file, 0, endBytes);
    const tail = readPiece(file, stat.size - endBytes, endBytes);
    return `${wholeLines(head)}${tail.slice(tail.indexOf("\n") + 1)}`;
  } finally {
    closeSync(file);
  }
}

function openPlainly(recordFile: string): number | undefined {
  try {
    return openSync(recordFile, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    // Nothing, a link, a socket, or a file in place of the folder.
    if (["ENOENT", "ELOOP", "ENXIO", "ENOTDIR"].includes(code)) return undefined;
    throw error;
  }
}

function readPiece(file: number, start: number, length: number): string {
  const buffer = Buffer.alloc(length);
  return buffer.toString("utf8", 0, readSync(file, buffer, 0, length, start));
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}
