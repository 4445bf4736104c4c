import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the processes that have one store open find each other. */
export interface PeerFolder {
  /** What to listen on, or to connect to, for a name. */
  address(name: string): string;
  /** The names of all that announced themselves, dead ones included. */
  names(): readonly string[];
  /** Creates the folder. Throws when there is one that is not this user's alone. */
  create(): void;
  announce(name: string): void;
  /** Takes the name back, and the folder away when it was the last one. */
  forget(name: string): void;
}

const nameShape = /^[0-9a-z]{1,8}-[0-9a-z]{1,8}\.sock$/;
const longestName = 22;
/** Bytes that fit into `sun_path` on every system: 104 with the final zero on macOS. */
const longestAddress = 103;

/**
 * The folder is beside the database, or, where a socket's address would get too long, in the
 * folder for temporary files.
 */
export function peerFolder(databasePath: string): PeerFolder {
  const path = realpathSync(databasePath);
  const isWindows = process.platform === "win32";
  const folder =
    isWindows || Buffer.byteLength(path) + ".peers/".length + longestName <= longestAddress
      ? `${path}.peers`
      : join(tmpdir(), `meanwhile-${hash(path)}.peers`);
  return {
    // A pipe has no file on Windows, so there the folder holds an empty one of the same name.
    address: (name) =>
      isWindows ? `\\\\.\\pipe\\meanwhile-${hash(path)}-${name}` : join(folder, name),
    names: () => readdirSync(folder).filter(isPeerName),
    create() {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (!isWindows) refuseForeign(folder);
    },
    announce(name) {
      if (isWindows) writeFileSync(join(folder, name), "");
    },
    forget(name) {
      rmSync(join(folder, name), { force: true });
      try {
        rmdirSync(folder);
      } catch {
        // There are others.
      }
    },
  };
}

/** False for what could lead out of the folder, or anywhere but to a socket of ours. */
export function isPeerName(name: unknown): name is string {
  return typeof name === "string" && nameShape.test(name);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}

/** In a folder that everybody can write to, somebody else may have been there first. */
function refuseForeign(folder: string): void {
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.() || (stats.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not a folder of this user alone`);
  }
}
