import { homedir } from "node:os";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { MeanwhileError } from "../../errors.ts";
import { shell } from "../platform.ts";
import { quoteWord } from "../shell/quote.ts";
import { kernelSettings } from "./bubblewrap-arguments.ts";
import { ignoreTerm, withDefaultTerm } from "./gentle-end.ts";
import { type Observation, probe } from "./probe.ts";
import { rememberSuccess } from "./remember-success.ts";
import { runtimeConfig, type SandboxRuntimeOptions } from "./runtime-config.ts";
import { loadRuntime, type RuntimeManager } from "./runtime-package.ts";
import type { Sandbox, SandboxCommand, SandboxedCommand } from "./sandbox.ts";
import { findSystemProgram } from "./system-program.ts";

/** A sandbox that has processes and servers of its own, until it is closed. */
export interface ClosableSandbox extends Sandbox, AsyncDisposable {
  /** Ends them. Commands that run lose what network they had. The next command starts them again. */
  close(): Promise<void>;
}

/**
 * A sandbox by the package `@anthropic-ai/sandbox-runtime`, which has to be installed beside this
 * one; on Linux it needs bubblewrap, socat and ripgrep. Unlike `bubblewrap()` it lets commands read
 * the whole machine but for `denyRead`, and can let them connect to some hosts.
 *
 * A process can have one configuration of it at a time. Its proxies are of this process, which they
 * keep running until `close()`: a command that outlives it loses the network that it was allowed.
 * When this process is killed, helper processes of the package (socat) stay behind. It also takes
 * the process's first SIGINT and SIGTERM to clean up, so a program that relies on ending by them
 * needs handlers of its own. While commands run, empty files such as `.gitconfig` that they may not
 * create appear in the current directory, if they may write there.
 */
export function sandboxRuntime(options: SandboxRuntimeOptions = {}): ClosableSandbox {
  const loaded = rememberSuccess(async (): Promise<Loaded> => {
    const [manager, programs] = await Promise.all([loadRuntime(), locatePrograms()]);
    return { manager, config: runtimeConfig(options, programs) };
  });
  const proven = rememberSuccess(async () => {
    const runtime = await loaded();
    const wrapped: SandboxedCommand[] = [];
    try {
      const observation = await probe({
        name,
        cwd: "/",
        reachable: (options.allowWrite ?? []).map(withHome),
        wrap: async (command) => {
          const inside = await wrap(command, runtime, false);
          wrapped.push(inside);
          return inside;
        },
      });
      const broken = whatIsBroken(observation);
      if (broken === undefined) return { ...runtime, resetsTerm: observation.resetsTerm };
      throw new MeanwhileError(
        "SANDBOX",
        `The sandbox ${name} does not confine commands: in a test one ${broken}. Check its configuration, or use another sandbox.`,
      );
    } finally {
      for (const { ended } of wrapped) ended?.();
    }
  });
  let used: Loaded | undefined;
  const close = async (): Promise<void> => {
    if (used !== undefined && isStarted(used)) await used.manager.reset();
  };
  return {
    name,
    async wrap(command) {
      used = await loaded();
      const { resetsTerm, ...runtime } = await proven();
      return wrap(command, runtime, resetsTerm);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const name = "@anthropic-ai/sandbox-runtime";

interface Loaded {
  readonly manager: RuntimeManager;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Absolute, so that the command's own `PATH` does not decide which are run. */
async function locatePrograms(): Promise<Readonly<Record<string, string>>> {
  if (process.platform !== "linux") return {};
  const [bwrapPath, socatPath] = await Promise.all(["bwrap", "socat"].map(findSystemProgram));
  return {
    ...(bwrapPath === undefined ? {} : { bwrapPath }),
    ...(socatPath === undefined ? {} : { socatPath }),
  };
}

async function wrap(
  command: SandboxCommand,
  loaded: Loaded,
  resetsTerm: boolean,
): Promise<SandboxedCommand> {
  const { manager } = loaded;
  const { executable, cwd, env } = command;
  const rest = command.argv.slice(1);
  const words = resetsTerm ? withDefaultTerm(executable, rest) : [executable, ...rest];
  try {
    await start(loaded);
    const line = await manager.wrapWithSandbox(
      `exec ${words.map(quoteWord).join(" ")}`,
      ...([undefined, undefined, undefined] as const),
      { commandId: "meanwhile" },
    );
    const script = protectKernel(line);
    return {
      executable: shell,
      argv: [shell, "-c", resetsTerm ? `${ignoreTerm}\n${script}` : script],
      cwd,
      env,
      ended: () => manager.cleanupAfterCommand(),
      ...(process.platform === "linux" ? { containment: "pid-namespace" as const } : {}),
    };
  } catch (error) {
    if (MeanwhileError.isInstance(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new MeanwhileError(
      "SANDBOX",
      `The sandbox ${name} cannot run a command: ${why}. On Debian it needs: apt-get install bubblewrap socat ripgrep`,
      { cause: error },
    );
  }
}

async function start(loaded: Loaded): Promise<void> {
  const { manager, config } = loaded;
  if (manager.getProxyPort() === undefined) await manager.initialize(config as never);
  if (isStarted(loaded)) return;
  throw new MeanwhileError(
    "SANDBOX",
    `The sandbox ${name} is in use with another configuration, and a process can have only one. Use one sandbox for all, or close the other first.`,
  );
}

function isStarted({ manager, config }: Loaded): boolean {
  return manager.getProxyPort() !== undefined && isDeepStrictEqual(manager.getConfig(), config);
}

/**
 * Root's processes can write the kernel's settings under `/proc` even without any capability, and
 * the package mounts that folder last and writable. The probe sees whether this helped.
 */
function protectKernel(line: string): string {
  if (process.geteuid?.() !== 0) return line;
  const binds = kernelSettings.map((path) => `--ro-bind-try ${path} ${path}`).join(" ");
  return line.replace(" --proc /proc ", (proc) => `${proc}${binds} `);
}

function whatIsBroken(seen: Observation): string | undefined {
  if (seen.wroteOutside) return "could write outside";
  if (seen.setsKernel) return "could change settings of the kernel";
  if (seen.connected === true) return "reached a server of this process";
  if (seen.connected === undefined && !seen.ownNamespaces.has("net")) {
    return "could not show that it has no network, for want of bash";
  }
  if (process.platform === "linux" && !seen.ownNamespaces.has("pid")) {
    return "saw the processes of the machine";
  }
  return undefined;
}

function withHome(path: string): string {
  return resolve(path.replace(/^~(?=\/|$)/, homedir()));
}
