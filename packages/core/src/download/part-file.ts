import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { downloadError } from "./failure.ts";
import { hashFile } from "./hash-file.ts";
import { publishFile } from "./publish-file.ts";

/** The bytes of a download that are here so far, beside the target. */
export interface PartFile {
  readonly size: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Begins again with an empty file. */
  startOver(): Promise<void>;
  /** SHA-256 in hex of what is here. */
  sha256(): string;
  /** Makes the bytes durable and gives them the target's name, as `publishFile` does. */
  publish(target: string, overwrite: boolean): Promise<void>;
  /** Closes the file and leaves it for another attempt. */
  leave(): Promise<void>;
  /** Closes and deletes the file. */
  remove(): Promise<void>;
}

const longestName = 255;

/** `<target>.<task id>.part` in the target's folder, the target's name cut where it is too long. */
export function partPathOf(target: string, taskId: string): string {
  const ending = `.${taskId.replace(/[^\w-]/g, "_")}.part`;
  let name = basename(target);
  while (Buffer.byteLength(name + ending) > longestName) name = name.slice(0, -1);
  return join(dirname(target), name + ending);
}

/**
 * Opens the file that an earlier attempt left, if it holds anything and `resume` is true; else a
 * new, empty one.
 *
 * An owner that was taken for dead may still write to it. It writes the same bytes to the same
 * places, since both have the same validator; where the bytes may differ, the new owner starts
 * over with a file of its own.
 */
export async function openPartFile(
  path: string,
  options: { readonly resume: boolean; readonly signal: AbortSignal },
): Promise<PartFile> {
  let hash: Hash = createHash("sha256");
  let size = 0;
  const file = options.resume ? await openExisting(path) : undefined;
  if (file !== undefined) {
    try {
      size = await hashFile(file, hash, options.signal);
    } catch (error) {
      await file.close();
      throw error;
    }
  }
  let own: OwnFile = file !== undefined && size > 0 ? await owned(file) : await create(path, file);

  return {
    get size() {
      return size;
    },
    async append(chunk) {
      for (let written = 0; written < chunk.length; ) {
        const { bytesWritten } = await own.file.write(
          chunk,
          written,
          chunk.length - written,
          size + written,
        );
        written += bytesWritten;
      }
      hash.update(chunk);
      size += chunk.length;
    },
    async startOver() {
      own = await create(path, own.file);
      hash = createHash("sha256");
      size = 0;
    },
    sha256: () => hash.copy().digest("hex"),
    async publish(target, overwrite) {
      await own.file.sync();
      if ((await own.file.stat()).size !== size || !(await isAt(path, own))) {
        throw downloadError(
          "Another process changed the unfinished file of this download. Start it again.",
        );
      }
      await own.file.close();
      await publishFile(path, target, overwrite);
    },
    leave: () => own.file.close(),
    async remove() {
      await own.file.close();
      if (await isAt(path, own)) await rm(path, { force: true });
    },
  };
}

/** An open file, and what tells it from another one that has its name now. */
interface OwnFile {
  readonly file: FileHandle;
  readonly inode: bigint;
  readonly device: bigint;
}

async function owned(file: FileHandle): Promise<OwnFile> {
  const { ino, dev } = await file.stat({ bigint: true });
  return { file, inode: ino, device: dev };
}

async function isAt(path: string, own: OwnFile): Promise<boolean> {
  const there = await lstat(path, { bigint: true }).catch(() => undefined);
  return there !== undefined && there.ino === own.inode && there.dev === own.device;
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    // Windows has no O_NOFOLLOW; there the constant is undefined.
    const file = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    if (!["ENOENT", "ELOOP"].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  }
  return undefined;
}

/** A file that was not there, so that nobody else has it open. */
async function create(path: string, before: FileHandle | undefined): Promise<OwnFile> {
  await before?.close();
  await rm(path, { force: true });
  return owned(await open(path, "wx+", 0o600));
}
