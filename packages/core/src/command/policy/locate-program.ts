import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { isInside } from "./inside.ts";
import { batchFiles, programFile, refuseBatchFile } from "./windows.ts";

/** Where a program is. */
export type Location =
  | {
      readonly found: true;
      /** What is executed. */
      readonly path: string;
      /** The file itself, all links followed. */
      readonly target: string;
    }
  | { readonly found: false; readonly reason: string };

/**
 * Looks a program up once, and later only checks that it is the same: the first match on the path
 * that lies outside the workspace, and leads outside it. The folder's links are followed, the
 * program's own are not: busybox, rustup and virtual environments act by the name under which they
 * are run.
 */
export function createLocator(
  name: string,
  searchPath: readonly string[],
  platform: NodeJS.Platform = process.platform,
): (root: string) => Location {
  let location: Location | undefined;
  const find = (file: string, root: string) => search(file, root, searchPath);
  return (root) => {
    location ??= find(programFile(name, platform), root);
    if (location === undefined) {
      for (const file of batchFiles(name, platform)) {
        const batch = find(file, root);
        if (batch?.found === true) {
          return { found: false, reason: refuseBatchFile(name, batch.path) };
        }
      }
      return { found: false, reason: notInstalled(name, searchPath, platform) };
    }
    // A link that was changed since may lead anywhere.
    if (location.found && realPath(location.path) !== location.target) {
      return {
        found: false,
        reason: `${name} was replaced or removed since it was first run; it is not run again.`,
      };
    }
    return location;
  };
}

function notInstalled(
  name: string,
  searchPath: readonly string[],
  platform: NodeJS.Platform,
): string {
  if (searchPath.length === 0) {
    return `${name} is allowed, but all of PATH lies in the workspace, from which no program is run.`;
  }
  const folders = searchPath.join(platform === "win32" ? ";" : ":");
  return `${name} is allowed, but not installed in ${folders}.`;
}

/** The shell for lines. A `sh` on Windows is no POSIX system's: it changes arguments and paths. */
export function createShellLocator(
  searchPath: readonly string[],
  platform: NodeJS.Platform = process.platform,
): (root: string) => Location {
  if (platform !== "win32") return createLocator("sh", searchPath, platform);
  const reason =
    "There is no POSIX shell on Windows. Give the program and its arguments as argv, one item each.";
  return () => ({ found: false, reason });
}

function search(name: string, root: string, searchPath: readonly string[]): Location | undefined {
  for (const folder of searchPath) {
    const realFolder = realPath(folder);
    if (realFolder === undefined) continue;
    const path = join(realFolder, name);
    const target = realPath(path);
    if (target === undefined || isInside(root, path) || isInside(root, target)) continue;
    if (isExecutable(target)) return { found: true, path, target };
  }
  return undefined;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
