import { readFileSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import type { Cgroup } from "../end/cgroup.ts";
import { shell } from "../platform.ts";
import type { CommandLimits } from "../policy/limits.ts";

/** What the shell does before it becomes the command. */
interface LimitPlan {
  /** Flags and values for `ulimit`, in this order. */
  readonly ulimits: readonly (readonly [flag: string, value: number])[];
}

/**
 * How the limits on files, processor time, processes and memory are held that the command's
 * control group does not hold. What is stricter already stays as it is.
 *
 * - `processes` without a group counts all processes of the user (RLIMIT_NPROC).
 * - `memoryBytes` without a group bounds the address space of each process (RLIMIT_AS).
 * - `cpuSeconds` ends a process with SIGXCPU, and with KILL a second later.
 *
 * Throws `INVALID_OPTION` for a limit that cannot be held here.
 */
export function planLimits(limits: CommandLimits, cgroup: Cgroup | undefined): LimitPlan {
  const { openFiles, processes, cpuSeconds, memoryBytes } = limits;
  for (const name of ["openFiles", "processes", "cpuSeconds", "memoryBytes"] as const) {
    const value = limits[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
      throw invalid(`limits.${name} is ${value}; give a whole number of at least 1`);
    }
  }
  const ulimits: (readonly [flag: string, value: number])[] = [];
  if (openFiles !== undefined) ulimits.push(["-n", atMost("Max open files", openFiles)]);
  if (cpuSeconds !== undefined) {
    ulimits.push(["-St", atMost("Max cpu time", cpuSeconds)]);
    ulimits.push(["-Ht", atMost("Max cpu time", cpuSeconds + 1)]);
  }
  if (processes !== undefined && cgroup?.holds.has("processes") !== true) {
    requireProcessLimit();
    ulimits.push([processesFlag(), atMost("Max processes", processes)]);
  }
  if (memoryBytes !== undefined && cgroup?.holds.has("memoryBytes") !== true) {
    requireMemoryLimit();
    const kibibytes = Math.ceil(atMost("Max address space", memoryBytes) / 1024);
    ulimits.push(["-v", kibibytes]);
  }
  return { ulimits };
}

/** The value, or the hard limit that this process passes on where that is lower. */
function atMost(name: string, value: number): number {
  const hard = new RegExp(`^${name} +\\S+ +(\\d+)`, "m").exec(ownLimits())?.[1];
  return hard === undefined ? value : Math.min(value, Number(hard));
}

function ownLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}

function requireProcessLimit(): void {
  if (process.getuid?.() !== 0) return;
  throw invalid(
    "limits.processes cannot be held here: root's processes are limited by control groups only, and none with the pids controller can be made. Run the manager as another user, or let it make such groups",
  );
}

function requireMemoryLimit(): void {
  if (process.platform !== "darwin") return;
  throw invalid(
    "limits.memoryBytes cannot be held here: macOS has no limit on the memory of a process. Leave it out",
  );
}

/** Shells disagree on the letter; the wrong one is an error, and then nothing is run. */
function processesFlag(): "-p" | "-u" {
  return /^(dash|mksh|lksh)/.test(basename(realpathSync(shell))) ? "-p" : "-u";
}

function invalid(why: string): MeanwhileError {
  return new MeanwhileError("INVALID_OPTION", `The command cannot be run: ${why}.`);
}
