import { lstatSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import { followOnWindows, type WindowsFiles } from "./windows.ts";

/** Where a path leads: a real path below the root, or undefined when it leaves it. */
export interface Jail {
  /** Real path of the root. */
  readonly root: string;
  /**
   * Follows a path as the kernel does, from a real folder in the jail. What does not exist is
   * judged by where it would be. A path that leaves the root on its way, even to come back, is
   * outside: to follow it would tell what exists out there.
   */
  follow(from: string, path: string): JailedPath | undefined;
}

export interface JailedPath {
  /** The real path, as far as it exists. */
  readonly path: string;
  readonly exists: boolean;
}

/** What Linux follows in one path. */
const mostLinks = 40;

/**
 * A jail around an absolute folder, whose real path is looked up now.
 *
 * Throws `INVALID_OPTION` when the folder cannot be opened.
 */
export function openJail(folder: string, platform: NodeJS.Platform = process.platform): Jail {
  let root: string;
  try {
    root = realpathSync.native(folder);
  } catch (cause) {
    throw new MeanwhileError("INVALID_OPTION", `The policy's root ${folder} cannot be opened.`, {
      cause,
    });
  }
  return {
    root,
    follow(from, path) {
      try {
        if (platform === "win32") return followOnWindows({ folder, root, from }, path, files);
        return follow(folder, root, from, path);
      } catch {
        // No permission, too long a name: what cannot be followed cannot be vouched for.
        return undefined;
      }
    },
  };
}

const files: WindowsFiles = {
  realPath(path) {
    try {
      return realpathSync.native(path);
    } catch {
      return undefined;
    }
  },
  exists: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
};

function follow(folder: string, root: string, from: string, path: string): JailedPath | undefined {
  let here = from;
  let isFolder = true;
  let exists = true;
  let links = 0;
  // The next component last.
  const ahead: string[] = [];
  const enter = (way: string) => {
    if (!way.startsWith("/")) return void ahead.push(...way.split("/").reverse());
    const inFolder = way === folder || way.startsWith(asPrefix(folder));
    here = inFolder ? root : "/";
    ahead.push(...(inFolder ? way.slice(folder.length) : way).split("/").reverse());
  };

  enter(path);
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === "" || name === ".") {
      exists &&= isFolder;
      continue;
    }
    if (name === "..") {
      if (!isFolder) return undefined;
      here = dirname(here);
      continue;
    }
    const next = asPrefix(here) + name;
    const isAncestor = next === root || root.startsWith(asPrefix(next));
    if (!isAncestor && !next.startsWith(asPrefix(root))) return undefined;
    const found: Stats | undefined =
      isAncestor || !isFolder ? undefined : lstatSync(next, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() === true) {
      links += 1;
      if (links > mostLinks) return undefined;
      enter(readlinkSync(next));
      continue;
    }
    here = next;
    if (isAncestor) continue;
    if (found === undefined) exists = false;
    isFolder = found?.isDirectory() === true;
  }
  return here === root || here.startsWith(asPrefix(root)) ? { path: here, exists } : undefined;
}

function asPrefix(folder: string): string {
  return folder === "/" ? folder : `${folder}/`;
}
