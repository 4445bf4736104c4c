import type { Clock } from "../../clock/clock.ts";
import { MeanwhileError } from "../../errors.ts";
import { markerVariable } from "../end/processes.ts";
import { shell } from "../platform.ts";
import type { CommandGrant } from "../policy/policy.ts";
import type { RunDirectory } from "./run-directory.ts";

/** A wrapper that this process started: the leader of the command's process group. */
export interface Wrapper {
  readonly pid: number;
  /** When it was started, on the monotonic clock. */
  readonly startedAt: number;
  /** Resolves when it has ended and was reaped: the command is over and its output closed. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** Lets this process end while the wrapper goes on. */
  release(): void;
}

interface StartWrapperOptions {
  readonly directory: RunDirectory;
  readonly grant: CommandGrant;
  readonly outputFile: string;
  /** Most bytes that the output file may have; it may pass it by less than a block of 512. */
  readonly maxBytes: number;
  readonly stdin: "open" | "closed";
  readonly marker: string;
  readonly clock: Clock;
}

/**
 * Starts a command under its wrapper, in a session of its own, holding no descriptor of ours.
 *
 * Throws `SPAWN` when the system cannot start a process; nothing has run then.
 */
export async function startWrapper(options: StartWrapperOptions): Promise<Wrapper> {
  // It is the heaviest import of the package, and many managers never start a command.
  const { execa } = await import("execa");
  const { directory, grant, outputFile, maxBytes, stdin, marker, clock } = options;
  const parameters = [directory.path, outputFile, String(Math.ceil(maxBytes / 512)), stdin];
  const command = [grant.executable, ...grant.argv.slice(1)];
  const startedAt = clock.monotonic();
  const child = execa(shell, [directory.wrapperFile, ...parameters, ...command], {
    cwd: grant.cwd,
    env: { ...grant.env, [markerVariable]: withOuterMarkers(marker) },
    extendEnv: false,
    detached: true,
    cleanup: false,
    stdio: "ignore",
    buffer: false,
    reject: false,
  });
  const { pid } = child;
  if (pid === undefined) throw cannotStart(await child);
  let over = false;
  // The event comes sooner than execa's promise.
  const ended = new Promise<void>((resolve) => {
    child.nodeChildProcess.once("exit", () => {
      over = true;
      resolve();
    });
  });
  return {
    pid,
    startedAt,
    ended,
    hasEnded: () => over,
    release: () => child.nodeChildProcess.unref(),
  };
}

/** A manager may itself run inside a command of another: ending the outer one ends ours as well. */
function withOuterMarkers(marker: string): string {
  const outer = process.env[markerVariable];
  return outer === undefined || outer === "" ? marker : `${outer}:${marker}`;
}

function cannotStart(result: { readonly cause?: unknown }): MeanwhileError {
  const cause = result.cause as NodeJS.ErrnoException | undefined;
  const why =
    cause?.code === "EMFILE" || cause?.code === "ENFILE"
      ? "too many files are open"
      : cause?.code === "EAGAIN" || cause?.code === "ENOMEM"
        ? "the system is out of processes or memory"
        : (cause?.message ?? "the reason is not known");
  return new MeanwhileError("SPAWN", `The command could not be started: ${why}.`, { cause });
}
