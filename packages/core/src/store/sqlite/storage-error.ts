import { type ErrorCode, MeanwhileError } from "../../errors.ts";

/** Primary result codes, and the extended ones that mean something else than their family. */
const meanings: readonly (readonly [number, ErrorCode, string])[] = [
  // SQLITE_IOERR_SHMSIZE: the shared index of the log could not grow.
  [4874, "STORE_FULL", "The disk is full. Free space; nothing was written, the store goes on."],
  [5, "STORE", "Another process kept the store locked for too long. Try again."],
  [8, "STORE_READ_ONLY", "The store cannot be written. Check the permissions of file and folder."],
  [11, "STORE_CORRUPT", "The store's file is damaged. Restore it from a backup, or move it away."],
  [13, "STORE_FULL", "The disk is full. Free space; nothing was written, the store goes on."],
  [26, "STORE_CORRUPT", "The file is not a store. Check the path, or move the file away."],
];

const systemMeanings: { readonly [code: string]: readonly [ErrorCode, string] } = {
  EACCES: ["STORE_READ_ONLY", "The store's folder cannot be written. Check its permissions."],
  EPERM: ["STORE_READ_ONLY", "The store's folder cannot be written. Check its permissions."],
  EROFS: ["STORE_READ_ONLY", "The store's folder is on a read-only file system."],
  ENOSPC: ["STORE_FULL", "The disk is full. Free space and open the store again."],
};

/** What storage said, as an error that tells what to do. Errors of ours pass through. */
export function storageError(error: unknown, path: string): MeanwhileError {
  if (MeanwhileError.isInstance(error)) return error;
  const [code, advice] = meaningOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  return new MeanwhileError(code, `${advice} (${path}: ${detail})`, {
    cause: error,
    details: { path },
  });
}

function meaningOf(error: unknown): readonly [ErrorCode, string] {
  const { errcode, code } = error as { readonly errcode?: unknown; readonly code?: unknown };
  if (typeof errcode === "number") {
    for (const [result, meaning, advice] of meanings) {
      if (errcode === result || (errcode & 0xff) === result) return [meaning, advice];
    }
  } else if (typeof code === "string" && Object.hasOwn(systemMeanings, code)) {
    const meaning = systemMeanings[code];
    if (meaning !== undefined) return meaning;
  }
  return ["STORE", "The store failed."];
}
