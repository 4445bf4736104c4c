import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import { isInside } from "../policy/inside.ts";

/** A file or folder of the machine that is visible in a sandbox. Both paths are absolute. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly access: "read" | "write";
}

/**
 * What programs of a usual system need: the programs themselves and their libraries, and of `/etc`
 * only what says who is who, where hosts and fonts are and whom to trust. Nothing of any user.
 */
export const systemFolders: readonly string[] = [
  ...["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/run/current-system/sw"],
  ...[
    ...["alternatives", "ca-certificates", "crypto-policies"],
    // Not the folders themselves: beside certificates they hold private keys.
    ...["ssl/certs", "ssl/cert.pem", "ssl/openssl.cnf", "pki/ca-trust", "pki/tls/certs"],
    ...["pki/tls/cert.pem", "pki/tls/openssl.cnf"],
    ...["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld-musl-x86_64.path", "os-release"],
    ...["group", "host.conf", "hosts", "nsswitch.conf", "passwd", "resolv.conf"],
    ...["localtime", "timezone", "mime.types", "protocols", "services", "fonts", "static"],
  ].map((name) => join("/etc", name)),
];

/**
 * Looks up what is to be visible, links followed, an outer folder before what is in it. A folder
 * that a link leads to is visible under both names.
 *
 * @throws MeanwhileError `SANDBOX` for what does not exist, unless it is one of `systemFolders`, and
 * for what a command could later exchange for a link to somewhere else
 */
export async function resolveMounts(folders: {
  readonly root: string;
  readonly write: readonly string[];
  readonly read: readonly string[];
}): Promise<readonly Mount[]> {
  const writable = new Set(await Promise.all(folders.write.map(existing)));
  const root = await existing(folders.root);
  const read = [...writable].some((folder) => isInside(folder, root))
    ? folders.read
    : [...folders.read, root];
  const mounts = new Map<string, Mount>();
  for (const path of writable) mounts.set(path, { source: path, target: path, access: "write" });
  for (const path of read) {
    const source = await realpath(path).catch(() => undefined);
    if (source === undefined && systemFolders.includes(path)) continue;
    const real = source ?? (await existing(path));
    if (writable.has(real)) continue;
    await requireSteady(path, real, writable);
    for (const target of [real, path]) mounts.set(target, { source: real, target, access: "read" });
  }
  const sorted = [...mounts.values()].sort((one, other) => (one.target < other.target ? -1 : 1));
  return sorted.filter((mount) => enclosing(mount, sorted)?.access !== mount.access);
}

async function existing(path: string): Promise<string> {
  return realpath(path).catch((cause: unknown) => {
    throw new MeanwhileError(
      "SANDBOX",
      `${path} cannot be made visible in the sandbox: it does not exist or may not be opened. Create it, or leave it out.`,
      { cause },
    );
  });
}

/**
 * Inside a writable folder, a command can put a link in the place of whatever is not mounted, or
 * move the folder around what is. What lies directly in it and is no link stays where it is.
 */
async function requireSteady(
  path: string,
  real: string,
  writable: ReadonlySet<string>,
): Promise<void> {
  const place = join(await realpath(dirname(path)), basename(path));
  for (const folder of writable) {
    if (!isInside(folder, place) && !isInside(folder, real)) continue;
    if (place === real && dirname(real) === folder) continue;
    throw new MeanwhileError(
      "SANDBOX",
      `${path} cannot be kept read-only: commands may write in ${folder} and could exchange it. Only what lies directly in a writable folder and is no link can be.`,
    );
  }
}

/** The innermost other mount around this one. */
function enclosing(mount: Mount, mounts: readonly Mount[]): Mount | undefined {
  return mounts.findLast((other) => other !== mount && isInside(other.target, mount.target));
}
