import { open, stat } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { MeanwhileError } from "../../errors.ts";
import type { SandboxCommand } from "../sandbox/sandbox.ts";
import type { Exit } from "../start/exit-record.ts";
import { whyNotStartable } from "../start/startable.ts";
import { requireFreeDescriptors } from "./free-descriptors.ts";

/** A command that runs as a child of this process. */
export interface Child {
  readonly pid: number;
  /** Null when its stdin is closed. */
  readonly stdin: Writable | null;
  /** stdout and stderr. To be read from at once, or what comes is lost. */
  readonly outputs: readonly Readable[];
  /** How it ended; its pipes may be held by others for longer. */
  readonly exited: Promise<Exit>;
  /** How it ended, once it has. */
  exit(): Exit | undefined;
  /** Ends this one process. */
  kill(): void;
  /** Lets go of it: it keeps this process running no longer. */
  release(): void;
}

/**
 * Starts a command by itself, without a shell.
 *
 * Throws `SPAWN` when it cannot be started, with the system's error as its cause;
 * `EMFILE` or `ENFILE` when it may be tried again.
 */
export async function startChild(
  command: SandboxCommand,
  stdin: "open" | "closed",
): Promise<Child> {
  const refusal = await whyNotDirectly(command.executable, process.platform);
  if (refusal !== undefined) throw cannotStart(refusal);
  // It is the heaviest import of the package, and many managers never start a command.
  const { execa } = await import("execa");
  // Windows has no such limit.
  if (process.platform !== "win32") requireFreeDescriptors();
  const child = execa(command.executable, command.argv.slice(1), {
    cwd: command.cwd,
    env: command.env,
    extendEnv: false,
    shell: false,
    windowsHide: true,
    windowsVerbatimArguments: false,
    // A session of its own, by which its tree is ended. On Windows that would be a console window.
    detached: process.platform !== "win32",
    cleanup: false,
    stdin: stdin === "open" ? "pipe" : "ignore",
    stdout: "pipe",
    stderr: "pipe",
    buffer: false,
    reject: false,
  });
  const { pid, nodeChildProcess: node } = child;
  if (pid === undefined) throw await explain((await child).cause, command);
  // A kill that fails is an event, too.
  node.on("error", () => {});
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    node.once("exit", (code, name) => {
      exit =
        name === null ? { type: "code", code: Number(code) } : { type: "signal", signal: name };
      resolve(exit);
    });
  });
  return {
    pid,
    stdin: child.stdin,
    outputs: [child.stdout, child.stderr],
    exited,
    exit: () => exit,
    kill: () => void node.kill("SIGKILL"),
    release: () => node.unref(),
  };
}

/**
 * Why a file is not started as a program, in words. On Windows only `.exe` files are: to run any
 * other, batch files above all, cmd.exe would have to read the arguments anew, in which they can
 * become commands (CVE-2024-24576).
 */
export async function whyNotDirectly(
  executable: string,
  platform: NodeJS.Platform,
): Promise<string | undefined> {
  if (platform !== "win32") return undefined;
  if (!/\.exe$/i.test(executable)) return `${executable} is not an .exe file`;
  return (await isScript(executable)) ? `${executable} is a script, not a program` : undefined;
}

/** execa would look for its interpreter, and run that. */
async function isScript(file: string): Promise<boolean> {
  try {
    await using handle = await open(file, "r");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString("latin1", 0, bytesRead) === "#!";
  } catch {
    // It cannot be read, by execa neither.
    return false;
  }
}

async function explain(cause: unknown, command: SandboxCommand): Promise<MeanwhileError> {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "E2BIG" || code === "ENAMETOOLONG") {
    return cannotStart("its arguments are too long for this system; write them to a file", cause);
  }
  const folder = await stat(command.cwd).catch(() => undefined);
  if (folder?.isDirectory() === false || (folder === undefined && code === "ENOENT")) {
    return cannotStart("the working directory cannot be entered", cause);
  }
  return cannotStart((await whyNotStartable(command.executable)) ?? message, cause);
}

function cannotStart(why: string, cause?: unknown): MeanwhileError {
  return new MeanwhileError("SPAWN", `The command could not be started: ${why}.`, { cause });
}
