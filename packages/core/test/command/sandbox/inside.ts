import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { systemClock } from "../../../src/clock/system-clock.ts";
import { endTree } from "../../../src/command/end/end-tree.ts";
import { markerVariable } from "../../../src/command/end/processes.ts";
import type { Sandbox, SandboxCommand } from "../../../src/command/sandbox/sandbox.ts";

const plainPath = "/usr/bin:/bin";

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  output(): string;
  /** Resolves once it has printed the text. */
  printed(text: string): Promise<void>;
  /** Ends it as a cancelled command is ended. True if nothing is left. */
  end(graceMs: number): Promise<boolean>;
}

let count = 0;

/** Starts a line of shell in a sandbox, as the manager would. */
export async function start(
  sandbox: Sandbox,
  line: string,
  options: Partial<SandboxCommand> & { readonly cwd: string; readonly user?: number },
): Promise<Running> {
  const { user, ...rest } = options;
  const marker = `sandbox-test-${process.pid}-${++count}`;
  const command = await sandbox.wrap({
    executable: "/bin/sh",
    argv: ["sh", "-c", line],
    ...rest,
    env: { PATH: plainPath, ...rest.env, [markerVariable]: marker },
  });
  const child = spawn(command.executable, command.argv.slice(1), {
    cwd: command.cwd,
    env: { ...command.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const end = (graceMs: number) => endTree({ marker, clock: systemClock(), graceMs });
  onTestFinished(async () => {
    await end(0);
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      child.emit("printed");
    });
  }
  const ended = once(child, "close").then(([code, signal]): Ended => {
    command.ended?.();
    return { code, signal, output };
  });
  return {
    child,
    ended,
    end,
    output: () => output,
    async printed(text) {
      while (!output.includes(text)) await once(child, "printed");
    },
  };
}

/** Runs a line of shell in a sandbox to its end. */
export async function run(...parameters: Parameters<typeof start>): Promise<Ended> {
  return (await start(...parameters)).ended;
}

/** How many living processes of the machine have this argument. */
export function countWithArgument(argument: string): number {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(argument);
    } catch {
      return false;
    }
  }).length;
}
