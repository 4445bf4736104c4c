import { isAbsolute, normalize } from "node:path";
import { isInside } from "../policy/inside.ts";
import type { Mount } from "./mounts.ts";

interface BubblewrapView {
  readonly mounts: readonly Mount[];
  readonly network: boolean;
  readonly cwd: string;
  /** The command's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The options of bubblewrap, up to the `--`: namespaces of its own for everything, no capabilities,
 * and a file system that has only what is mounted, the rest of it read-only and empty.
 *
 * The outer process dies with the one that started it, and everything inside with the outer one or
 * with the command. A session of its own keeps the command from signalling what is outside, which
 * shares no other process group with it, and from typing into a terminal.
 */
export function bubblewrapArguments({ mounts, network, cwd, env }: BubblewrapView): string[] {
  const places = [
    ...scratchFolders(mounts, env).map((target) => ({ target, words: ["--tmpfs", target] })),
    ...mounts.map(({ source, target, access }) => ({
      target,
      words: [access === "write" ? "--bind" : "--ro-bind", source, target],
    })),
  ].sort((one, other) => (one.target < other.target ? -1 : 1));
  return [
    ...["--unshare-all", ...(network ? ["--share-net"] : [])],
    ...["--die-with-parent", "--new-session", "--cap-drop", "ALL"],
    ...["--proc", "/proc", ...kernelSettings.flatMap((path) => ["--ro-bind-try", path, path])],
    ...["--dev", "/dev"],
    ...places.flatMap(({ words }) => words),
    ...["--remount-ro", "/", "--chdir", cwd],
  ];
}

/** Writable for root's processes even without any capability; bubblewrap leaves `sys` so. */
export const kernelSettings: readonly string[] = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map(
  (name) => `/proc/${name}`,
);

/** Where programs expect to be able to write: empty folders in memory, gone with the command. */
function scratchFolders(
  mounts: readonly Mount[],
  env: Readonly<Record<string, string>>,
): readonly string[] {
  const wanted = ["/tmp", env["HOME"] ?? "", env["TMPDIR"] ?? ""].filter(
    (path) => isAbsolute(path) && normalize(path) === path && path !== "/",
  );
  const taken = ["/proc", "/dev", ...mounts.map(({ target }) => target)];
  return [...new Set(wanted)].filter((path) => !taken.some((folder) => isInside(folder, path)));
}
