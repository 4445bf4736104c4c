import { MeanwhileError } from "../errors.ts";
import { aboutTask } from "../manager/about-task.ts";
import type { Engine } from "../manager/engine.ts";
import { type AttemptOutput, createAttemptOutput } from "../output/attempt-output.ts";
import { decodeJson } from "../schema/json-value.ts";
import { parseInput } from "../schema/parse-input.ts";
import type { TaskFacts, TaskRecord } from "../store/store.ts";
import type { ActivityProbe } from "./activity.ts";
import { cancelReason } from "./cancel-reason.ts";
import type { TaskContext } from "./context.ts";
import type { TaskDefinition } from "./definition.ts";
import { taskMessages } from "./messages.ts";
import { decideOutcome } from "./outcome.ts";
import { createProgressWriter, type ProgressWriter } from "./progress.ts";
import { RunContext } from "./run-context.ts";
import { Retry, Settlement } from "./settlement.ts";
import { requireStartable } from "./startable.ts";

/** The work of a task: a definition's, or a closure. */
export type Work =
  | {
      readonly definition: TaskDefinition<unknown, unknown, unknown>;
      readonly mode: "run" | "recover";
    }
  | { readonly closure: (context: TaskContext) => unknown };

/** Why an attempt is asked to stop. `leave` and `lost` settle nothing: others will. */
export interface Stop {
  readonly kind: "cancel" | "timeout" | "leave" | "lost";
  readonly reason: MeanwhileError;
}

export type WorkResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly thrown: unknown };

const longestResultBytes = 4 * 1024 * 1024;

/**
 * One try at a task, in this process. Two things can end: the task, when it is settled
 * (`concluded`), and the work, when `run` has returned (`ended`). Work that ignores its signal ends
 * later than its task and keeps its slot until then.
 */
export class Attempt {
  readonly engine: Engine;
  readonly record: TaskRecord;
  readonly fence: string;
  /** How the work says that it goes on. */
  probe: ActivityProbe | undefined;
  readonly #work: Work;
  #controller: AbortController | undefined;
  #stop: Stop | undefined;
  #concluded = false;
  #cancelTimeout: (() => void) | undefined;
  #cancelGrace: (() => void) | undefined;
  #output: AttemptOutput | undefined;
  #checkpoint: string | undefined;
  #progress: ProgressWriter | undefined;
  #wakeMessages: (() => void)[] = [];
  #updates = 0;

  constructor(engine: Engine, record: TaskRecord, work: Work) {
    this.engine = engine;
    this.record = record;
    this.fence = record.fence as string;
    this.#work = work;
    this.#checkpoint = record.facts?.checkpoint;
    if (record.facts?.outputFile !== undefined) this.output.useFile(record.facts.outputFile);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#stop !== undefined) this.#controller.abort(this.#stop.reason);
    }
    return this.#controller.signal;
  }

  get output(): AttemptOutput {
    this.#output ??= createAttemptOutput(this.engine, this.record.id);
    return this.#output;
  }

  /** Milliseconds between abort and settling without the work. */
  get #stopGraceMs(): number {
    return "definition" in this.#work ? (this.#work.definition.stopGraceMs ?? 0) : 0;
  }

  start(): void {
    const { engine, record } = this;
    if (engine.events.wanted("task-start", record.id)) {
      engine.events.emit({ type: "task-start", ...aboutTask(record), attempt: record.attempt });
    }
    engine.stalls.started();
    this.#armTimeout();
    let returned: unknown;
    let later: boolean;
    try {
      returned = this.#execute();
      later = isThenable(returned);
    } catch (thrown) {
      this.#end({ ok: false, thrown });
      return;
    }
    if (later) {
      // Made a promise of the platform's: other thenables may throw, or call back more than once.
      Promise.resolve(returned).then(
        (value) => this.#end({ ok: true, value }),
        (thrown) => this.#end({ ok: false, thrown }),
      );
    } else this.#end({ ok: true, value: returned });
  }

  #execute(): unknown {
    requireStartable(this.record);
    const work = this.#work;
    const asked = this.record.facts?.cancelRequested;
    if (asked !== undefined && !("mode" in work && work.mode === "recover")) {
      // Asked for during the attempt before, whose owner did not live to see to it.
      this.#stop = { kind: "cancel", reason: cancelReason(asked) };
      throw this.#stop.reason;
    }
    const context = new RunContext(this);
    if ("closure" in work) return work.closure(context);
    const { definition } = work;
    const go =
      work.mode === "recover" && typeof definition.recover === "function"
        ? definition.recover
        : definition.run;
    const parsed = parseInput(definition.input, decodeJson(this.record.input ?? ""));
    if (!(parsed instanceof Promise)) return go(parsed, context);
    return parsed.then((input) => {
      // Stopped while its input was looked at: the work does not even begin.
      if (this.#stop !== undefined) throw this.#stop.reason;
      return go(input, context);
    });
  }

  #armTimeout(): void {
    const { timeoutMs } = this.record.options;
    if (timeoutMs === null) return;
    const { engine, record } = this;
    // An adopted task has used up part of its time under its former owner.
    const used = Math.max(engine.clock.now() - (record.startedAt ?? engine.clock.now()), 0);
    const left =
      "definition" in this.#work && this.#work.mode === "recover" ? timeoutMs - used : timeoutMs;
    this.#cancelTimeout = engine.alarms.after(left, () => {
      this.stop({
        kind: "timeout",
        reason: new MeanwhileError("TIMEOUT", `The task did not end within ${timeoutMs} ms.`, {
          details: { timeoutMs },
        }),
      });
    });
  }

  /** Aborts the signal and sees to it that the task is settled in time. The first reason counts. */
  stop(stop: Stop): void {
    if (this.#concluded || this.#stop !== undefined) return;
    this.#stop = stop;
    this.#cancelTimeout?.();
    this.#controller?.abort(stop.reason);
    this.wakeMessages();
    const grace = this.#stopGraceMs;
    const give = (): void => this.#conclude({ ok: false, thrown: stop.reason }, false);
    if (grace === 0) give();
    else this.#cancelGrace = this.engine.alarms.after(grace, give);
  }

  #end(result: WorkResult): void {
    this.engine.dispatcher.free(this.record.session);
    this.#conclude(result, true);
  }

  #conclude(result: WorkResult, ended: boolean): void {
    if (this.#concluded) return;
    this.#concluded = true;
    this.#cancelTimeout?.();
    this.#cancelGrace?.();
    this.#progress?.stop();
    this.wakeMessages();
    if (this.#stop?.kind === "leave" || this.#stop?.kind === "lost") {
      if (!(result.ok && this.#stop.kind === "leave")) return this.#letGo();
    }
    if (this.#output === undefined) this.#settle(result, ended, null);
    else void this.#output.end().then((tail) => this.#settle(result, ended, tail));
  }

  /** Settles nothing. What may be started again waits in the queue for the next manager. */
  #letGo(): void {
    const { engine, record, fence } = this;
    const concluded = (): void => engine.attempts.concluded(this);
    // Only then may the manager be closed: no file of ours is open afterwards.
    const done = (): void => {
      if (this.#output === undefined) concluded();
      else void this.#output.end().then(concluded);
    };
    if (this.#stop?.kind !== "leave" || record.options.recover !== "restart") return done();
    const { id, attempt } = record;
    const runAt = engine.clock.now();
    engine.journal.write<"requeue">(
      { type: "requeue", id, fence, attempt, runAt, facts: {} },
      done,
      (error) => {
        // Then it is found as one whose process has ended.
        engine.events.emit({ type: "store-error", error });
        done();
      },
    );
  }

  #settle(result: WorkResult, ended: boolean, tail: string | null): void {
    const { engine, record } = this;
    const outcome = decideOutcome({
      record,
      result,
      ended,
      stop: this.#stop,
      retry: "definition" in this.#work ? this.#work.definition.retry : undefined,
      random: engine.random,
      maxBytes: longestResultBytes,
    });
    engine.journal.add(
      outcome.type === "settle" ? new Settlement(this, outcome, tail) : new Retry(this, outcome),
    );
  }

  get progress(): ProgressWriter {
    this.#progress ??= createProgressWriter(this.engine.alarms, (progress) =>
      this.update({ progress }),
    );
    return this.#progress;
  }

  update(facts: TaskFacts): void {
    this.#write(facts).catch((error: unknown) => {
      this.engine.events.emit({ type: "store-error", error });
    });
  }

  async #write(facts: TaskFacts): Promise<boolean> {
    if (this.#concluded) return false;
    this.#updates += 1;
    const applied = await this.engine.journal.commit<"update">({
      type: "update",
      id: this.record.id,
      fence: this.fence,
      attempt: this.record.attempt,
      facts,
    });
    if (!applied && !this.#concluded) void this.engine.ownership.suspect();
    return applied;
  }

  /** Grows whenever the task prints, reports progress or saves something. */
  signs(): number {
    return this.#updates + (this.#output?.size() ?? 0);
  }

  /** JSON text of the value saved last, by this or an earlier attempt. */
  get checkpoint(): string | undefined {
    return this.#checkpoint;
  }

  async saveCheckpoint(text: string): Promise<void> {
    if (!(await this.#write({ checkpoint: text }))) {
      throw new MeanwhileError(
        "LEASE_LOST",
        `The checkpoint of task ${this.record.id} was not saved: the task has ended or has another owner.`,
      );
    }
    this.#checkpoint = text;
  }

  messages(): AsyncIterable<string> {
    return taskMessages({
      read: (after) => this.engine.store.messages(this.record.id, after),
      ended: () => this.#concluded || this.#stop !== undefined,
      wait: () => new Promise((resolve) => this.#wakeMessages.push(resolve)),
    });
  }

  wakeMessages(): void {
    const waiting = this.#wakeMessages;
    this.#wakeMessages = [];
    for (const resolve of waiting) resolve();
  }

  directory(): Promise<string> {
    return this.engine.files.folder(this.record.id);
  }

  useOutputFile(name: string): void {
    this.output.useFile(name);
    this.update({ outputFile: name });
  }

  /** Whether the task is settled, or is no longer ours to settle. */
  get concluded(): boolean {
    return this.#concluded;
  }

  /** @throws MeanwhileError `TASK_SETTLED` */
  refuseWhenConcluded(what: string): void {
    if (!this.#concluded) return;
    throw new MeanwhileError(
      "TASK_SETTLED",
      `Task ${this.record.id} has ended, so it can no longer ${what}. Stop the work when context.signal aborts.`,
    );
  }
}

function isThenable(value: unknown): boolean {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}
