import type { RunFiles } from "../start/run-files.ts";

/**
 * The process group of a command: its own where it leads one, else that of its wrapper, which has
 * one for itself where the launcher's shell can give it. Undefined before it began.
 */
export function runGroup(files: RunFiles): number | undefined {
  const claimant = files.claimant();
  const { began } = files.record();
  if (claimant === undefined || began === undefined) return undefined;
  const { process, pid } = claimant;
  // Without /proc there is no `setsid` either, and the wrapper leads the group.
  return process === null || process.group === process.pid ? pid : began.pid;
}

/** The group and session that a command's wrapper shares with those of other commands. */
export function wrapperGroups(
  files: RunFiles,
): { readonly group: number; readonly session: number } | undefined {
  const process = files.claimant()?.process ?? undefined;
  return process === undefined || process.group === process.pid
    ? undefined
    : { group: process.group, session: process.session };
}
