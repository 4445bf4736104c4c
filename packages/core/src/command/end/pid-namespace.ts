import { existsSync } from "node:fs";
import { join } from "node:path/posix";
import { isExhaustion } from "../../proc/exhaustion.ts";
import { aside } from "../aside.ts";
import { shell, systemPath } from "../platform.ts";

/**
 * The words that, put before a program and its arguments, run it in a pid namespace of its own
 * (pid_namespaces(7)) with its own `/proc`: no process can leave that, and all are killed when the
 * program ends or the first of these words is killed. Undefined where none can be had. Probed once,
 * by running a program so.
 *
 * TERM does not end the first word nor the init, both of the program's process group, but reaches
 * the program. What ends by signal n is reported as code 128 + n. Inside, the ids of the group and
 * session read as 0, and a mount is not seen outside. For others than root it needs a user
 * namespace, in which set-user-id programs such as `sudo` gain nothing.
 *
 * Rejects when the system had no descriptor or process to find out; the next call tries again.
 */
export function pidNamespace(): Promise<readonly string[] | undefined> {
  probed ??= probe().catch((error: unknown) => {
    probed = undefined;
    throw error;
  });
  return probed;
}

let probed: Promise<readonly string[] | undefined> | undefined;

/**
 * Process 1 of the namespace: collects orphans, and ends with the program. It says nothing on the
 * program's stderr, where shells report an end by a signal. The last line keeps a shell from
 * becoming the program itself, which would be deaf to signals without a handler then.
 */
const init = `
exec 3>&2 2>/dev/null
(exec "$@" 2>&3 3>&-)
exit $?
`;

/** Succeeds in a way that nothing else does: as the child of process 1, by its own `/proc`. */
const check = `
read -r own rest </proc/self/stat
[ "$own" = "$$" ] && [ "$PPID" = 1 ] && exit 42
`;

async function probe(): Promise<readonly string[] | undefined> {
  const folders = systemPath.split(":");
  const unshare = folders.map((folder) => join(folder, "unshare")).find((file) => existsSync(file));
  if (unshare === undefined) return undefined;
  // It is the heaviest import of the package, and many managers never start a command.
  const { execa } = await import("execa");
  for (const user of process.getuid?.() === 0 ? [[], userNamespace] : [userNamespace]) {
    const unshared = [...user, "--pid", "--fork", "--kill-child", "--mount-proc"];
    const words = [unshare, ...unshared, "--", shell, "-c", init, "init"];
    const { exitCode, cause } = await execa(unshare, [...words.slice(1), shell, "-c", check], {
      env: {},
      ...aside,
      stdio: "ignore",
      timeout: 5_000,
      // It ignores TERM.
      killSignal: "SIGKILL",
    });
    if (isExhaustion(cause)) throw cause;
    if (exitCode === 42) return words;
  }
  return undefined;
}

const userNamespace = ["--user", "--map-current-user"];
