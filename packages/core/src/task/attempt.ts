import { MeanwhileError } from "../errors.ts";
import { aboutTask } from "../manager/about-task.ts";
import type { Engine } from "../manager/engine.ts";
import { type AttemptOutput, createAttemptOutput } from "../output/attempt-output.ts";
import { createWatches, type Watches } from "../output/watch/watches.ts";
import type { FactChanges, TaskRecord } from "../store/store.ts";
import type { ActivityProbe } from "./activity.ts";
import type { TaskContext } from "./context.ts";
import type { TaskDefinition } from "./definition.ts";
import { execute } from "./execute.ts";
import { letGo } from "./let-go.ts";
import { taskMessages } from "./messages.ts";
import { decideOutcome } from "./outcome.ts";
import { createProgressWriter, type ProgressWriter } from "./progress.ts";
import { Retry, Settlement } from "./settlement.ts";
import { type TimeLimit, timeLimitOf, waitedMs } from "./time-limit.ts";
import { Waiting } from "./waiting.ts";

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
  #timeLimit: TimeLimit | undefined;
  #waitedMs = 0;
  /** Made when the work waits for the first time; from then on it keeps the slot. */
  #waiting: Waiting | undefined;
  #cancelGrace: (() => void) | undefined;
  #output: AttemptOutput | undefined;
  #watches: Watches | undefined;
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

  get watches(): Watches {
    this.#watches ??= createWatches(this);
    return this.#watches;
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
    this.#timeLimit = timeLimitOf(this, "mode" in this.#work && this.#work.mode === "recover");
    this.#timeLimit?.go();
    this.#endFormerWait();
    if (record.facts?.watches !== undefined) this.watches.resume(record.facts.watches);
    let returned: unknown;
    let later: boolean;
    try {
      returned = execute(this, this.#work, (stop) => {
        this.#stop = stop;
        throw stop.reason;
      });
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

  /** Its former owner died, or let go of it, while it waited. */
  #endFormerWait(): void {
    const { engine, record } = this;
    this.#waitedMs = waitedMs(record, engine.clock.now());
    if (record.facts?.waiting === undefined) return;
    this.update({ waiting: null, waitedMs: this.#waitedMs });
  }

  /** Runs `work` without a slot and without using up time. */
  async wait<Value>(what: string, work: () => Value | Promise<Value>): Promise<Value> {
    this.refuseWhenConcluded("wait");
    this.#waiting ??= new Waiting(this, this.#timeLimit, this.#waitedMs);
    return this.#waiting.during(what, work);
  }

  /** What it waits for just now. */
  get waitsFor(): string | undefined {
    return this.#waiting?.for;
  }

  /** Aborts the signal and sees to it that the task is settled in time. The first reason counts. */
  stop(stop: Stop): void {
    if (this.#concluded || this.#stop !== undefined) return;
    this.#stop = stop;
    this.#timeLimit?.stop();
    this.#controller?.abort(stop.reason);
    this.wakeMessages();
    const grace = this.#stopGraceMs;
    const give = (): void => this.#conclude({ ok: false, thrown: stop.reason }, false);
    if (grace === 0) give();
    else this.#cancelGrace = this.engine.alarms.after(grace, give);
  }

  #end(result: WorkResult): void {
    if (this.#waiting === undefined) this.engine.dispatcher.free(this.record.session);
    else this.#waiting.end();
    this.#conclude(result, true);
  }

  #conclude(result: WorkResult, ended: boolean): void {
    if (this.#concluded) return;
    this.#progress?.end();
    this.#concluded = true;
    this.#timeLimit?.stop();
    this.#cancelGrace?.();
    this.wakeMessages();
    if (this.#stop?.kind === "leave" || this.#stop?.kind === "lost") {
      if (!(result.ok && this.#stop.kind === "leave")) {
        this.#watches?.stop();
        return letGo(this, this.#stop.kind, () => this.#output?.end());
      }
    }
    if (this.#output === undefined) this.#settle(result, ended, null);
    else void this.#endOutput(this.#output).then((tail) => this.#settle(result, ended, tail));
  }

  /** Gives the end of what was printed, once those who watch for it were told of all of it. */
  async #endOutput(output: AttemptOutput): Promise<string | null> {
    const tail = await output.end();
    await this.#watches?.finish();
    return tail;
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

  update(facts: FactChanges): void {
    void this.updated(facts);
  }

  /** The same; resolves once it is durable, or could not be stored. */
  async updated(facts: FactChanges): Promise<void> {
    try {
      await this.#write(facts);
    } catch (error) {
      this.engine.events.emit({ type: "store-error", error });
    }
  }

  async #write(facts: FactChanges): Promise<boolean> {
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

  useOutputFile(name: string, maxBytes: number | undefined): void {
    this.output.useFile(name);
    this.update({ outputFile: name, ...(maxBytes === undefined ? {} : { outputBytes: maxBytes }) });
  }

  /** Why it was asked to stop, once it was. */
  get stopped(): Stop | undefined {
    return this.#stop;
  }

  /** Whether the task is settled, or is no longer ours to settle. */
  get concluded(): boolean {
    return this.#concluded;
  }

  /** @throws MeanwhileError `TASK_SETTLED` */
  refuseWhenConcluded(what: string): void {
    if (this.#concluded) throw this.settledBefore(what);
  }

  settledBefore(what: string): MeanwhileError {
    return new MeanwhileError(
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
