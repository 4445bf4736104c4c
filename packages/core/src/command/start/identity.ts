import type { ProcessEntry } from "../../proc/stat.ts";

const line = /^(\d+) (\d+) (\d+) (\d+) (\d+)$/;

/**
 * The process that says of itself in a run's record: its id, parent, group, session and start time.
 * Undefined for one that knows no more than its id, because there is no `/proc`.
 */
export function parseIdentity(text: string): ProcessEntry | undefined {
  const [, pid, parent, group, session, startTime] = line.exec(text) ?? [];
  if (startTime === undefined) return undefined;
  return {
    pid: Number(pid),
    // It was about to say so.
    state: "R",
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime,
  };
}
