import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { isInside } from "./inside.ts";

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
): (root: string) => Location {
  let location: Location | undefined;
  return (root) => {
    location ??= search(name, root, searchPath);
    if (location === undefined) {
      return {
        found: false,
        reason: `${name} is allowed, but not installed in ${searchPath.join(":")}.`,
      };
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
