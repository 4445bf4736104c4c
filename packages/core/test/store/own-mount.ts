import { execFileSync } from "node:child_process";

/**
 * A command that runs another where a small file system of its own is mounted at `folder`. Nobody
 * else sees the mount, and it goes with the process.
 */
export function withOwnMount(
  folder: string,
  options: { readonly bytes: number; readonly afterwards?: string },
): (command: readonly string[]) => readonly string[] {
  const mount = `mount -t tmpfs -o size=${options.bytes} tmpfs "$0"`;
  const steps = [
    mount,
    ...(options.afterwards === undefined ? [] : [options.afterwards]),
    'exec "$@"',
  ];
  return (command) => ["unshare", "-rm", "sh", "-c", steps.join(" && "), folder, ...command];
}

/** False where the system does not let us mount, as in most containers. */
export function canMount(): boolean {
  try {
    execFileSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
