import { readdirSync, readFileSync } from "node:fs";

/** The living shells that this process started, of the form in which launchers are. */
export function findLaunchers(): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        const [state, parent] = readFileSync(`/proc/${pid}/stat`, "latin1")
          .replace(/^.*\) /, "")
          .split(" ");
        const line = readFileSync(`/proc/${pid}/cmdline`, "latin1");
        return state !== "Z" && Number(parent) === process.pid && line === "/bin/sh\0-s\0";
      } catch {
        return false;
      }
    });
}

export function signalLaunchers(signal: NodeJS.Signals): readonly number[] {
  const launchers = findLaunchers();
  for (const pid of launchers) process.kill(pid, signal);
  return launchers;
}
