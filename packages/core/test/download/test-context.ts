import type { Clock } from "../../src/clock/clock.ts";
import { systemClock } from "../../src/clock/system-clock.ts";
import { type ErrorCode, MeanwhileError } from "../../src/errors.ts";
import type { Progress } from "../../src/store/store.ts";
import type { TaskContext } from "../../src/task/context.ts";

export interface TestContext extends TaskContext {
  readonly reports: readonly Progress[];
  /** What was saved last, as the next attempt would read it. */
  saved(): unknown;
  /** Resolves with the first report, past or to come, that satisfies. */
  until(satisfies: (progress: Progress) => boolean): Promise<Progress>;
  stop(code: ErrorCode): void;
}

/** What a manager gives to an attempt, as far as a download uses it. */
export function testContext(
  options: {
    readonly clock?: Clock;
    readonly id?: string;
    readonly checkpoint?: unknown;
    readonly onSave?: (text: string) => void | Promise<void>;
    readonly onReport?: (progress: Progress) => void;
  } = {},
): TestContext {
  const controller = new AbortController();
  const reports: Progress[] = [];
  let waiting: (() => void)[] = [];
  let checkpoint = JSON.stringify(options.checkpoint);
  const unused = (): never => {
    throw new Error("A download does not use this.");
  };
  return {
    task: { id: options.id ?? "task-1", session: "s", name: "download", attempt: 1 },
    signal: controller.signal,
    clock: options.clock ?? systemClock(),
    checkpoint: {
      read: () => (checkpoint === undefined ? undefined : JSON.parse(checkpoint)),
      async save(value) {
        checkpoint = JSON.stringify(value);
        await options.onSave?.(checkpoint);
      },
    },
    report(progress) {
      reports.push(progress);
      options.onReport?.(progress);
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    reports,
    saved: () => (checkpoint === undefined ? undefined : JSON.parse(checkpoint)),
    async until(satisfies) {
      for (;;) {
        const found = reports.find(satisfies);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    stop(code) {
      controller.abort(new MeanwhileError(code, "stopped by the test"));
    },
    write: unused,
    notify: unused,
    get messages() {
      return unused();
    },
    directory: unused,
    outputFile: unused,
    contained: unused,
    activity: unused,
    waiting: unused,
    commands: { decide: unused },
    outputBytes: 0,
  };
}
