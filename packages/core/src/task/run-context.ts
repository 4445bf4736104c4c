import type { Clock } from "../clock/clock.ts";
import type { CommandPolicy } from "../command/policy/policy.ts";
import type { Containment, Progress } from "../store/store.ts";
import type { ActivityProbe } from "./activity.ts";
import type { Attempt } from "./attempt.ts";
import { checkpointOf } from "./checkpoint.ts";
import type { TaskContext } from "./context.ts";
import { notifyAbout } from "./notify.ts";
import { reportProgress } from "./report.ts";
import { writeOutput } from "./write-output.ts";

/**
 * What `run` gets. Everything is made when it is asked for, so that a task that uses nothing costs
 * nothing; methods come bound, so that they may be taken apart.
 */
export class RunContext implements TaskContext {
  readonly #attempt: Attempt;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  get task(): TaskContext["task"] {
    const { id, session, name, attempt } = this.#attempt.record;
    return { id, session, name, attempt };
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get report(): (progress: Progress) => void {
    return (progress) => reportProgress(this.#attempt, progress);
  }

  get write(): (chunk: string | Uint8Array) => Promise<void> {
    return (chunk) => unwatched(writeOutput(this.#attempt, chunk));
  }

  get notify(): (text: string) => Promise<void> {
    return (text) => unwatched(notifyAbout(this.#attempt, "message", text));
  }

  get checkpoint(): TaskContext["checkpoint"] {
    const { read, save } = checkpointOf(this.#attempt);
    return { read, save: (value) => unwatched(save(value)) };
  }

  get messages(): AsyncIterable<string> {
    return this.#attempt.messages();
  }

  get directory(): () => Promise<string> {
    return () => this.#attempt.directory();
  }

  get outputFile(): TaskContext["outputFile"] {
    return (name, options) => this.#attempt.useOutputFile(name, options?.maxBytes);
  }

  get waiting(): TaskContext["waiting"] {
    return (what, work) => unwatched(this.#attempt.wait(what, work));
  }

  get contained(): (containment: Containment) => void {
    return (containment) => this.#attempt.update({ containment });
  }

  get activity(): (probe: ActivityProbe) => void {
    return (probe) => {
      this.#attempt.probe = probe;
    };
  }

  get commands(): CommandPolicy {
    return this.#attempt.engine.commands;
  }

  get outputBytes(): number {
    return this.#attempt.engine.options.outputBytes;
  }

  get clock(): Clock {
    return this.#attempt.engine.clock;
  }
}

/** Work that does not wait for a promise must not end the process when it is rejected. */
function unwatched<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
