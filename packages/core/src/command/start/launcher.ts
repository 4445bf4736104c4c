import type { Clock } from "../../clock/clock.ts";
import { MeanwhileError } from "../../errors.ts";
import { shell } from "../platform.ts";
import { type Launch, launchLine } from "./launch-line.ts";
import { launcherScript } from "./launcher-script.ts";

/** A small process that starts commands, however large this one has grown: it forks, not we. */
export interface Launcher {
  /**
   * Begins a command; `ring` is called when it has ended, when its output is complete, or when
   * nothing more will be heard of it. Nothing says that it did begin but the run's files.
   *
   * With `waits` the launcher does nothing else until then, which saves the command a program that
   * sets INT and QUIT back: a shell has only what it does not wait for ignore these.
   */
  start(launch: Launch, ring: () => void, waits?: boolean): Started;
  isAlive(): boolean;
  /** Whether it waits for no command. */
  isFree(): boolean;
  /** Lets it end after what it was told to start. Resolves when it has. */
  end(clock: Clock): Promise<void>;
}

/** A command that the launcher was told to start. */
export interface Started {
  /** False once its launcher has ended: then only its files tell of it. */
  isHeard(): boolean;
  /** Whether its wrapper has rung. */
  hasRung(): boolean;
  /** Kills its launcher, which does not get on. */
  abandon(): void;
  /** No more ringing, and this process may end while the command `goesOn`. */
  forget(goesOn: boolean): void;
}

const endWaitMs = 2_000;
/** Characters of a command's number. */
const longestRing = 16;

/**
 * Starts a launcher, in a session of its own and with an empty environment.
 *
 * Throws `SPAWN` when the system cannot start a process.
 */
export async function createLauncher(
  program: string = shell,
  script: string = launcherScript,
): Promise<Launcher> {
  // It is the heaviest import of the package, and many managers never start a command.
  const { execa } = await import("execa");
  const child = execa(program, ["-s"], {
    cwd: "/",
    env: {},
    extendEnv: false,
    detached: true,
    cleanup: false,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
    buffer: false,
    reject: false,
  });
  const { nodeChildProcess: node, stdin, stdout } = child;
  if (child.pid === undefined) throw cannotStart(await child);
  const rings = new Map<number, () => void>();
  let alive = true;
  let free = true;
  let isLeft = false;
  let number = 0;
  let rest = "";
  const ended = new Promise<void>((resolve) => {
    node.once("exit", () => {
      die();
      resolve();
    });
  });
  stdin.on("error", die);
  stdout.on("error", () => {});
  stdout.setEncoding("latin1").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    // A command that found the pipe may write what it likes.
    rest = (lines.pop() ?? "").slice(-longestRing);
    for (const line of lines) {
      rings.get(Number(line))?.();
      if (line !== "0") continue;
      free = true;
      isLeft = false;
    }
  });
  keepProcess(false);
  stdin.write(script);

  function die(): void {
    if (!alive) return;
    alive = false;
    // A half of a wrapper that lives on holds the other end.
    stdout.destroy();
    stdin.destroy();
    for (const ring of rings.values()) ring();
    rings.clear();
  }

  /** Whether the launcher keeps this process running. */
  function keepProcess(keep: boolean): void {
    if (!alive) return;
    const verb = keep ? "ref" : "unref";
    node[verb]();
    (stdin as Partial<NodeJS.RefCounted>)[verb]?.();
    (stdout as Partial<NodeJS.RefCounted>)[verb]?.();
  }

  return {
    start(launch, ring, waits = false) {
      const own = ++number;
      let rung = false;
      if (rings.size === 0) keepProcess(true);
      rings.set(own, () => {
        rung = true;
        ring();
      });
      stdin.write(launchLine(own, launch, waits));
      if (waits) free = false;
      return {
        isHeard: () => alive,
        hasRung: () => alive && rung,
        abandon: () => void node.kill("SIGKILL"),
        forget(goesOn) {
          if (waits) isLeft = goesOn;
          if (rings.delete(own) && rings.size === 0) keepProcess(false);
        },
      };
    },
    isAlive: () => alive,
    isFree: () => alive && free,
    async end(clock) {
      if (!alive) return;
      stdin.end();
      // It ends by itself when the command does that it waits for, and that was left running.
      if (isLeft) return;
      keepProcess(true);
      const cancel = clock.timer(() => node.kill("SIGKILL"), endWaitMs, true);
      await ended;
      cancel();
    },
  };
}

function cannotStart(result: { readonly cause?: unknown }): MeanwhileError {
  const cause = result.cause as NodeJS.ErrnoException | undefined;
  return new MeanwhileError(
    "SPAWN",
    `No process could be started: ${cause?.message ?? "the reason is not known"}.`,
    { cause },
  );
}
