/**
 * A cancelled command has a grace to clean up after TERM. Bubblewrap itself dies of TERM at once
 * and takes everything inside with it. So it is started with TERM ignored. That is inherited, so
 * inside the sandbox it is set back to the default; no shell can do that, GNU `env` can.
 */
export const ignoreTerm = "trap '' TERM";

/** Exits with 0 where `env` can set a signal back to its default. */
export const canResetTerm = "/usr/bin/env --default-signal=TERM true";

/** The words that run a program as the sandbox's first, with the default for TERM. */
export function withDefaultTerm(
  executable: string,
  argumentList: readonly string[],
): readonly string[] {
  // `env` would take such a path for a variable.
  const before = executable.includes("=") ? ["/bin/sh", "-c", 'exec "$@"', "sh"] : [];
  return ["/usr/bin/env", "--default-signal=TERM", ...before, executable, ...argumentList];
}
