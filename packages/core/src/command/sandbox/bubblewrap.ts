import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import { shell } from "../platform.ts";
import { isInside } from "../policy/inside.ts";
import { bubblewrapArguments } from "./bubblewrap-arguments.ts";
import { checkFolders } from "./check-folders.ts";
import { ignoreTerm, withDefaultTerm } from "./gentle-end.ts";
import { type Mount, resolveMounts, systemFolders } from "./mounts.ts";
import { type Observation, probe } from "./probe.ts";
import { rememberSuccess } from "./remember-success.ts";
import type { Sandbox, SandboxCommand, SandboxedCommand } from "./sandbox.ts";
import { findSystemProgram } from "./system-program.ts";

/** What commands in the sandbox can reach. Relative paths are of the current directory. */
export interface BubblewrapOptions {
  /** The workspace, usually the policy's `root`. It is visible in any case. */
  readonly root: string;
  /** Folders that commands may write. They have to exist. @default [root] */
  readonly write?: readonly string[];
  /**
   * Files and folders that commands may read beside these; programs must be among them. What lies
   * directly in a writable folder can be kept from being written, such as `.git`.
   * @default systemFolders
   */
  readonly read?: readonly string[];
  /** Whether commands have the machine's network, its own servers included. @default false */
  readonly network?: boolean;
  /** Absolute path of `bwrap`. @default the one in the system's own folders */
  readonly executable?: string;
}

/**
 * A sandbox by [bubblewrap](https://github.com/containers/bubblewrap), Linux only. A command sees the
 * folders it is given, empty folders in memory for `/tmp`, `HOME` and `TMPDIR`, only its own
 * processes, and no network. It has no capabilities, and all that it starts ends with it. It shares
 * the kernel, and as much of processor, memory and disk as it likes; for these there are limits.
 *
 * Works for root and for unprivileged users. Throws `INVALID_OPTION`.
 */
export function bubblewrap(options: BubblewrapOptions): Sandbox {
  const { network = false, executable } = options;
  const [root = ""] = checkFolders("root", [options.root]);
  const write = checkFolders("write", options.write ?? [root]);
  const read = checkFolders("read", options.read ?? systemFolders);
  const proven = rememberSuccess(async (): Promise<Proven> => {
    const mounts = await resolveMounts({ root, write, read });
    const ready = { bwrap: await locate(executable, mounts), mounts, network };
    const observation = await probe({
      name,
      cwd: await realpath(root),
      reachable: mounts.map(({ target }) => target),
      wrap: async (command) => wrap(command, { ...ready, resetsTerm: false }),
    });
    const broken = whatIsBroken(observation, network);
    if (broken === undefined) return { ...ready, resetsTerm: observation.resetsTerm };
    throw new MeanwhileError(
      "SANDBOX",
      `${ready.bwrap} does not confine commands: in a test one ${broken}. Install the package bubblewrap of your system again.`,
    );
  });
  return {
    name,
    async wrap(command) {
      const sandbox = await proven();
      await requireVisible(command, sandbox.mounts);
      return wrap(command, sandbox);
    },
  };
}

const name = "bubblewrap";

interface Proven {
  readonly bwrap: string;
  readonly mounts: readonly Mount[];
  readonly network: boolean;
  readonly resetsTerm: boolean;
}

/** The most words that bubblewrap takes. */
const maxWords = 9_000;

function wrap(command: SandboxCommand, sandbox: Proven): SandboxedCommand {
  const { bwrap, mounts, network, resetsTerm } = sandbox;
  const { cwd, env, executable } = command;
  const rest = command.argv.slice(1);
  const inside = resetsTerm ? withDefaultTerm(executable, rest) : [executable, ...rest];
  const words = [bwrap, ...bubblewrapArguments({ mounts, network, cwd, env }), "--", ...inside];
  if (words.length > maxWords) {
    throw new MeanwhileError(
      "SANDBOX",
      `The command has too many arguments for bubblewrap: at most ${maxWords - words.length + rest.length} fit. Pass them in a file, or split the command.`,
    );
  }
  const argv = resetsTerm ? [shell, "-c", `${ignoreTerm}; exec "$@"`, shell, ...words] : words;
  return { executable: argv[0] ?? bwrap, argv, cwd, env, containment: "pid-namespace" };
}

async function locate(asked: string | undefined, mounts: readonly Mount[]): Promise<string> {
  const found =
    asked === undefined
      ? await findSystemProgram("bwrap")
      : await realpath(resolve(asked)).catch(() => undefined);
  if (found === undefined) {
    const where = asked === undefined ? "the system's folders" : asked;
    throw new MeanwhileError(
      "SANDBOX",
      `bwrap was not found in ${where}. Install bubblewrap (apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap).`,
    );
  }
  if (mounts.some(({ access, target }) => access === "write" && isInside(target, found))) {
    throw new MeanwhileError(
      "SANDBOX",
      `${found} lies where commands may write, and could be exchanged by one. Use one that lies elsewhere.`,
    );
  }
  return found;
}

function whatIsBroken(seen: Observation, network: boolean): string | undefined {
  if (!seen.ownNamespaces.has("mnt") || seen.wroteOutside) return "could write outside";
  if (seen.sawOutside) return "saw files that were not mounted";
  if (seen.setsKernel) return "could change settings of the kernel";
  if (!seen.ownNamespaces.has("pid")) return "saw the processes of the machine";
  if (!network && (!seen.ownNamespaces.has("net") || seen.connected === true)) {
    return "reached the network";
  }
  return undefined;
}

/** Else bubblewrap's own complaint would look like the command's. */
async function requireVisible(command: SandboxCommand, mounts: readonly Mount[]): Promise<void> {
  for (const [what, path] of [
    ["The working directory", command.cwd],
    ["The program", command.executable],
  ] as const) {
    const real = await realpath(path).catch(() => path);
    const visible = [path, real].every((each) =>
      mounts.some(({ target }) => isInside(target, each)),
    );
    if (visible) continue;
    throw new MeanwhileError(
      "SANDBOX",
      `${what} ${real} is not visible in the sandbox, where only ${mounts.map(({ target }) => target).join(", ")} are. Choose another one, or add its folder to the sandbox's read.`,
    );
  }
}
