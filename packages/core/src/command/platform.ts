import { existsSync } from "node:fs";

/** Runs the launcher and the wrappers of commands. */
export const shell = "/bin/sh";

/** Signals that the wrapper of a command outlives. */
export const survivedSignals = "HUP INT QUIT ALRM TERM USR1 USR2";

/** Where the wrapper finds its own few tools, whatever `PATH` the command is given. */
export const systemPath = "/usr/bin:/bin:/run/current-system/sw/bin";

/**
 * Whether commands are started directly by the manager, because there is no POSIX shell that could
 * outlive it and record an exit code: on Windows, and in images that hold a program and no more.
 */
export function startsDirectly(
  platform: NodeJS.Platform = process.platform,
  shellFile: string = shell,
): boolean {
  return platform === "win32" || !existsSync(shellFile);
}

/** Where Windows is. A relative one would be looked for in the workspace. */
export function systemRoot(env: Readonly<Record<string, string | undefined>>): string {
  const named = env["SystemRoot"];
  return named !== undefined && /^[A-Za-z]:\\/.test(named) ? named : "C:\\Windows";
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
