import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../src/clock/clock.ts";
import { systemClock } from "../../src/clock/system-clock.ts";
import type { CommandPolicy } from "../../src/command/policy/policy.ts";
import { type ErrorCode, MeanwhileError } from "../../src/errors.ts";
import type { Containment } from "../../src/store/store.ts";
import type { TaskContext } from "../../src/task/context.ts";

/** A task with a real folder and a checkpoint on disk, and no manager. */
export interface FakeTask extends AsyncDisposable {
  readonly context: TaskContext;
  readonly directory: string;
  abort(code: ErrorCode): MeanwhileError;
  send(text: string): void;
  /** Ends the messages, as a manager does when the attempt ends. */
  endMessages(): void;
  /** The task as the next manager finds it. */
  next(options?: Partial<FakeTaskOptions>): FakeTask;
  output(): Promise<string>;
  checkpoint(): unknown;
  containment(): Containment | undefined;
}

export interface FakeTaskOptions {
  readonly commands: CommandPolicy;
  readonly outputBytes?: number;
  readonly clock?: Clock;
  readonly attempt?: number;
  readonly messages?: readonly string[];
  /** Called before each checkpoint is saved. */
  readonly onCheckpoint?: (value: unknown) => void;
}

export async function fakeTask(options: FakeTaskOptions): Promise<FakeTask> {
  return takeUp(await mkdtemp(join(tmpdir(), "meanwhile-command-")), options);
}

/** The task that has its folder there. */
export function takeUp(directory: string, options: FakeTaskOptions): FakeTask {
  const checkpointFile = join(directory, "checkpoint.json");
  const controller = new AbortController();
  const mailbox = createMailbox(options.messages ?? []);
  let outputName: string | undefined;
  let containment: Containment | undefined;
  const read = (): unknown => {
    try {
      return JSON.parse(readFileSync(checkpointFile, "utf8"));
    } catch {
      return undefined;
    }
  };
  const context: TaskContext = {
    task: { id: "task", session: "session", name: "command", attempt: options.attempt ?? 1 },
    signal: controller.signal,
    report() {},
    write: () => Promise.reject(new Error("a command writes to its file")),
    notify: () => Promise.resolve(),
    checkpoint: {
      read,
      async save(value) {
        options.onCheckpoint?.(value);
        await writeFile(`${checkpointFile}.new`, JSON.stringify(value));
        await rename(`${checkpointFile}.new`, checkpointFile);
      },
    },
    messages: mailbox.messages,
    async directory() {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return directory;
    },
    outputFile(name) {
      outputName = name;
    },
    waiting: async (_what, work) => work(),
    contained(value) {
      containment = value;
    },
    activity() {},
    commands: options.commands,
    outputBytes: options.outputBytes ?? 64 * 1024 * 1024,
    clock: options.clock ?? systemClock(),
  };
  return {
    context,
    directory,
    abort(code) {
      const reason = new MeanwhileError(code, `aborted with ${code}`);
      controller.abort(reason);
      return reason;
    },
    send: mailbox.put,
    endMessages: mailbox.end,
    next: (changes = {}) => takeUp(directory, { ...options, messages: [], ...changes }),
    output: () => readFile(join(directory, outputName ?? "output"), "utf8"),
    checkpoint: read,
    containment: () => containment,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

function createMailbox(first: readonly string[]): {
  messages: AsyncIterable<string>;
  put(text: string): void;
  end(): void;
} {
  const texts = [...first];
  let ended = false;
  let wake = (): void => {};
  async function* read(): AsyncGenerator<string> {
    for (let index = 0; ; index++) {
      while (index >= texts.length) {
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      yield texts[index] as string;
    }
  }
  return {
    messages: { [Symbol.asyncIterator]: read },
    put(text) {
      texts.push(text);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
  };
}

/** Real time, `factor` times as fast, so that a grace of seconds passes in a test. */
export function fastClock(factor: number): Clock {
  const clock = systemClock();
  return {
    ...clock,
    monotonic: () => clock.monotonic() * factor,
    timer: (callback, delayMs, keepAlive) => clock.timer(callback, delayMs / factor, keepAlive),
  };
}
