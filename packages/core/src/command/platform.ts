import { existsSync } from "node:fs";
import { MeanwhileError } from "../errors.ts";

/** Runs the launcher and the wrappers of commands. */
export const shell = "/bin/sh";

/** Signals that the wrapper of a command outlives. */
export const survivedSignals = "HUP INT QUIT ALRM TERM USR1 USR2";

/** Where the wrapper finds its own few tools, whatever `PATH` the command is given. */
export const systemPath = "/usr/bin:/bin:/run/current-system/sw/bin";

/**
 * Refuses what this platform cannot promise. On Windows there is no POSIX shell to outlive the
 * manager and to record an exit code, so commands do not run there yet.
 *
 * Throws `SPAWN`.
 */
export function requireDurableCommands(platform: NodeJS.Platform = process.platform): void {
  if (platform !== "win32") return;
  throw new MeanwhileError(
    "SPAWN",
    "Commands do not run on Windows yet: they need a POSIX shell. Run the manager under WSL.",
  );
}

let proc: boolean | undefined;

/**
 * Whether a process can be told from a later one with the same id, and found by its environment:
 * true with Linux's `/proc`. Elsewhere a live command cannot be taken up by another manager, and
 * only its process group is ended.
 */
export function canIdentifyProcesses(): boolean {
  proc ??= existsSync("/proc/self/stat") && existsSync("/proc/self/environ");
  return proc;
}
