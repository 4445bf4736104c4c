import { win32 } from "node:path";
import type { Clock } from "../../clock/clock.ts";
import { aside } from "../aside.ts";
import { killWaitMs } from "../end/end-tree.ts";
import { systemRoot } from "../platform.ts";
import type { Child } from "./start-child.ts";
import type { ProcessTree } from "./tree.ts";
import { within } from "./within.ts";

/** Milliseconds after which taskkill is taken to be stuck. */
const stuckMs = 2_000;

/** A program and its arguments. */
interface TaskKill {
  readonly executable: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The command that ends a process and its descendants: with `/F` at once, else by asking those with
 * a window to close it. It is named by its path, since another of its name may come first on PATH.
 */
export function taskKill(pid: number, how: "ask" | "force", systemRoot: string): TaskKill {
  return {
    executable: win32.join(systemRoot, "System32", "taskkill.exe"),
    arguments: ["/PID", String(pid), "/T", ...(how === "force" ? ["/F"] : [])],
    env: { SystemRoot: systemRoot },
  };
}

/**
 * What is in the tree is looked up by the ids of parents, so it is ended while the command itself
 * still runs; afterwards its id may be another's. A console program cannot be asked to end, and
 * taskkill says so: it is given no grace then.
 */
export function windowsTree(
  child: Child,
  clock: Clock,
  run: (kill: TaskKill) => Promise<boolean> = runTaskKill,
): ProcessTree {
  const root = systemRoot(process.env);
  return {
    containment: "process-group",
    async end(graceMs) {
      const asked = await run(taskKill(child.pid, "ask", root));
      if (asked && (await within(child.exited, graceMs, clock))) return;
      if (child.exit() !== undefined) return;
      const forced = await run(taskKill(child.pid, "force", root));
      if (!forced && child.exit() === undefined) child.kill();
      await within(child.exited, killWaitMs, clock);
    },
    left: async () => 0,
  };
}

/** Whether it did what it was to do. */
async function runTaskKill(kill: TaskKill): Promise<boolean> {
  const { execa } = await import("execa");
  const { exitCode } = await execa(kill.executable, kill.arguments, {
    env: kill.env,
    ...aside,
    stdio: "ignore",
    timeout: stuckMs,
  });
  return exitCode === 0;
}
