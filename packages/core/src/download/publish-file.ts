import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { downloadError } from "./failure.ts";

/**
 * Gives a finished file its final name in one step, so that nobody ever sees half of it there.
 * Without `overwrite` a file that is there stays, also one that came to be at the last moment.
 *
 * @throws MeanwhileError `DOWNLOAD` when the target exists.
 */
export async function publishFile(from: string, target: string, overwrite: boolean): Promise<void> {
  if (overwrite) await rename(from, target);
  else await moveToFreeName(from, target);
  await syncFolder(dirname(target));
}

async function moveToFreeName(from: string, target: string): Promise<void> {
  try {
    // A rename would replace; a second name for the file cannot.
    await link(from, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw targetExists(error);
    if (!withoutLinks.has(String(code))) throw error;
    return claimAndRename(from, target);
  }
  await rm(from, { force: true });
}

/** What file systems without hard links, such as FAT, answer. */
const withoutLinks: ReadonlySet<string> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
]);

/** Takes the free name with an empty file, and then replaces that. */
async function claimAndRename(from: string, target: string): Promise<void> {
  const claim = await open(target, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST" ? targetExists(error) : error;
  });
  await claim.close();
  await rename(from, target);
}

export function targetExists(cause?: unknown): Error {
  return downloadError(
    `A file exists at "path" and was left as it is. Choose another path, or set "overwrite" to true.`,
    { cause },
  );
}

/** Makes the new name durable. Windows cannot open a folder and needs no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
