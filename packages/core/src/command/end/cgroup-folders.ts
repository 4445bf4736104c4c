import { readFileSync } from "node:fs";
import { join, relative } from "node:path/posix";
import { isExhaustion } from "../../proc/exhaustion.ts";

/** The control groups that this process is in, as folders (cgroups(7)). */
export interface CgroupFolders {
  /** In the one hierarchy of version 2. */
  readonly unified: string | undefined;
  /** In the hierarchies of version 1 that have these controllers. */
  readonly pids: string | undefined;
  readonly memory: string | undefined;
}

/** Of this moment: a process may be moved. Without `/proc`, and for what is not mounted, undefined. */
export function ownCgroupFolders(): CgroupFolders {
  const groups = readOr("/proc/self/cgroup", "");
  const mounts = parseMounts(readOr("/proc/self/mountinfo", ""));
  const folder = (type: Mount["type"], controller: string): string | undefined => {
    const path = groupPath(groups, controller);
    if (path === undefined) return undefined;
    const found = mounts
      .filter((mount) => mount.type === type)
      .filter(({ options }) => type === "cgroup2" || options.includes(controller))
      .filter(({ root }) => contains(root, path))
      .at(0);
    return found && join(found.point, relative(found.root, path));
  };
  return {
    unified: folder("cgroup2", ""),
    pids: folder("cgroup", "pids"),
    memory: folder("cgroup", "memory"),
  };
}

/** Whether the folder is the other one or above it. */
export function contains(folder: string, other: string): boolean {
  return other === folder || other.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

interface Mount {
  readonly type: "cgroup" | "cgroup2";
  /** The group that is seen at the mount point. */
  readonly root: string;
  readonly point: string;
  readonly options: readonly string[];
}

/** Lines of `/proc/self/mountinfo`: `31 23 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`. */
function parseMounts(text: string): readonly Mount[] {
  return text.split("\n").flatMap((line): readonly Mount[] => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "", point = ""] = before.split(" ").map(decodeOctal);
    const [type, , options = ""] = after.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") return [];
    // It was mounted from outside our cgroup namespace.
    if (root.includes("/..")) return [];
    return [{ type, root, point, options: options.split(",") }];
  });
}

/** From lines such as `8:pids:/a/b`, and `0::/a/b` for version 2. */
function groupPath(groups: string, controller: string): string | undefined {
  for (const line of groups.split("\n")) {
    const [, names = "", path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path !== undefined && names.split(",").includes(controller)) return path;
  }
  return undefined;
}

function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function readOr(file: string, missing: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isExhaustion(error)) throw error;
    return missing;
  }
}
