import { type ErrorDetails, MeanwhileError } from "../errors.ts";

/** The transfer broke off in a way that may pass: it is worth another request. */
export class Interruption extends Error {
  /** What the server asked to wait. */
  readonly retryAfterMs: number | undefined;
  readonly details: ErrorDetails;

  constructor(
    message: string,
    options: {
      readonly cause?: unknown;
      readonly retryAfterMs?: number | undefined;
      readonly details?: ErrorDetails;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }
}

/** The download cannot succeed by trying again. */
export function downloadError(
  message: string,
  options: { readonly cause?: unknown; readonly details?: ErrorDetails } = {},
): MeanwhileError {
  return new MeanwhileError("DOWNLOAD", message, options);
}

/** A file operation that failed, such as for want of space or of permission. */
export function fileError(error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (MeanwhileError.isInstance(error) || typeof code !== "string" || syscall === undefined) {
    return error;
  }
  const reason = reasons[code] ?? `the file could not be written (${code})`;
  return downloadError(`The download failed: ${reason}.`, { cause: error, details: { code } });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "the folder does not allow it (EACCES); choose another path",
  EDQUOT: "the disk quota is used up (EDQUOT); free some space",
  EISDIR: "the path is a folder (EISDIR); choose another path",
  ENAMETOOLONG: "the path is too long (ENAMETOOLONG); choose a shorter one",
  ENOSPC: "the disk is full (ENOSPC); free some space",
  ENOTDIR: "a part of the path is a file, not a folder (ENOTDIR); choose another path",
  EPERM: "the system does not allow it (EPERM); choose another path",
  EROFS: "the file system is read-only (EROFS); choose another path",
};
