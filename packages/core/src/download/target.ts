import { lstat, mkdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { MeanwhileError } from "../errors.ts";
import { invalid } from "./input.ts";

/** Where a download goes. Both files are in the same real folder inside the directory. */
export interface Target {
  readonly path: string;
  readonly folder: string;
}

/**
 * Finds the target of `path` without making anything: the folders that exist are followed through
 * their symbolic links, and must be inside the directory at the end.
 * @throws MeanwhileError `INVALID_INPUT`
 */
export async function findTarget(directory: string, path: string): Promise<Target> {
  if (path.includes("\0")) throw invalid(`"path" must not hold a NUL character.`);
  const root = await realFolder(directory);
  const wanted = resolve(root, path);
  if (/[/\\]$/.test(path) || wanted === root || basename(wanted) === "") {
    throw invalid(`"path" must name a file, not a folder.`);
  }
  const folder = await realFolder(dirname(wanted));
  if (!isInside(root, folder)) {
    throw invalid(`"path" leads out of the download folder. Give a path inside it.`);
  }
  return { path: join(folder, basename(wanted)), folder };
}

/**
 * Like `findTarget`, and makes the missing folders.
 * @throws MeanwhileError `INVALID_INPUT`
 */
export async function makeTarget(directory: string, path: string): Promise<Target> {
  const { folder } = await findTarget(directory, path);
  await mkdir(folder, { recursive: true });
  // Looked at again: a link may have come to be where a folder was to be made.
  return findTarget(directory, path);
}

/** The real path of the deepest folder that exists, and the rest as it is written. */
async function realFolder(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
    throw invalid(`"path" leads through a file that is no folder. Choose another path.`);
  } catch (error) {
    if (MeanwhileError.isInstance(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" || dirname(path) === path) {
      throw invalid(`"path" cannot be used (${code}). Choose another path.`, { cause: error });
    }
  }
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink()) {
    throw invalid(`"path" leads through a symbolic link to nothing. Choose another path.`);
  }
  // Another download has just made it.
  if (found !== undefined) return realFolder(path);
  return join(await realFolder(dirname(path)), basename(path));
}

function isInside(root: string, folder: string): boolean {
  const way = relative(root, folder);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
