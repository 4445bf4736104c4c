import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { hasEnded, parseStat } from "../proc/stat.ts";

/**
 * Who a process is, beyond its number: numbers are used again. On Linux the start time and the boot
 * id settle it; elsewhere only the absence of the number proves anything.
 */
interface Identity {
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  readonly started: string;
}

/** The identity of this process, as text for the store. */
export function ownIdentity(): string {
  return JSON.stringify({
    host: hostname(),
    boot: bootId(),
    pid: process.pid,
    started: startTime(process.pid) ?? "",
  } satisfies Identity);
}

/** True only when the process is known to have ended. */
export function isDead(identity: string): boolean {
  const other = parse(identity);
  if (other === undefined || other.host !== hostname()) return false;
  if (other.boot !== bootId()) return true;
  const started = startTime(other.pid);
  if (started !== undefined) return other.started !== "" && other.started !== started;
  try {
    process.kill(other.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function parse(text: string): Identity | undefined {
  try {
    return JSON.parse(text) as Identity;
  } catch {
    return undefined;
  }
}

/** `"ended"` for a zombie; undefined where there is no such process, or no /proc. */
function startTime(pid: number): string | undefined {
  try {
    const entry = parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
    return entry !== undefined && hasEnded(entry) ? "ended" : entry?.startTime;
  } catch {
    return undefined;
  }
}

let boot: string | undefined;

function bootId(): string {
  if (boot === undefined) {
    try {
      boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    } catch {
      boot = "";
    }
  }
  return boot;
}
