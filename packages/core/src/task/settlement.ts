import { aboutTask } from "../manager/about-task.ts";
import type { JournalEntry } from "../manager/journal.ts";
import { endingNotification, owesEnding } from "../notifications/ending.ts";
import { notWaiting } from "../store/facts.ts";
import type { Change, Outcome, TaskError } from "../store/store.ts";
import type { Attempt } from "./attempt.ts";
import { cancelStored } from "./cancel.ts";
import type { AttemptOutcome } from "./outcome.ts";

/** The end of a task on its way into the store, with the notification that it owes. */
export class Settlement implements JournalEntry {
  readonly change: Extract<Change, { type: "settle" }>;
  readonly #attempt: Attempt;
  #tries = 0;

  constructor(
    attempt: Attempt,
    outcome: Extract<AttemptOutcome, { type: "settle" }>,
    /** The end of the task's output. */
    tail: string | null,
  ) {
    const { engine, record } = attempt;
    const at = engine.clock.now();
    const token = engine.waiters.readerToken(record.id);
    const { status, output, error } = outcome;
    const notification = owesEnding(record, status)
      ? endingNotification(record, { status, error, at, text: tail })
      : null;
    const { id, attempt: number } = record;
    const { fence } = attempt;
    const change = {
      type: "settle",
      id,
      fence,
      attempt: number,
      status,
      output,
      error,
      at,
      notification,
    } as const;
    this.change = token === undefined ? change : { ...change, token };
    this.#attempt = attempt;
  }

  done(outcome: Outcome): void {
    const { engine, record } = this.#attempt;
    engine.attempts.concluded(this.#attempt);
    if (outcome === true) engine.runner.settled(record, this.change);
    else leftToOthers(this.#attempt);
  }

  failed(error: unknown): void {
    this.#tries += 1;
    writeAgain(this.#attempt, this, this.#tries, error);
  }
}

/** A failed attempt on its way back into the queue. */
export class Retry implements JournalEntry {
  readonly change: Extract<Change, { type: "requeue" }>;
  readonly #attempt: Attempt;
  readonly #delayMs: number;
  readonly #error: TaskError;
  #tries = 0;

  constructor(attempt: Attempt, { delayMs, error }: Extract<AttemptOutcome, { type: "retry" }>) {
    const { engine, record, fence } = attempt;
    const runAt = engine.clock.now() + delayMs;
    const { id, attempt: number } = record;
    this.change = {
      type: "requeue",
      id,
      fence,
      attempt: number,
      runAt,
      facts: { ...notWaiting, lastError: error },
    };
    this.#attempt = attempt;
    this.#delayMs = delayMs;
    this.#error = error;
  }

  done(outcome: Outcome): void {
    const { engine, record } = this.#attempt;
    engine.attempts.concluded(this.#attempt);
    if (outcome !== true) {
      leftToOthers(this.#attempt);
      return;
    }
    const { attempt } = this.change;
    const delayMs = this.#delayMs;
    const error = this.#error;
    engine.events.emit({ type: "task-retry", ...aboutTask(record), attempt, delayMs, error });
    engine.runner.requeued(record.session);
    cancelIfAsked(this.#attempt);
  }

  failed(error: unknown): void {
    this.#tries += 1;
    writeAgain(this.#attempt, this, this.#tries, error);
  }
}

/** Somebody else settled the task, or took our lease: what they wrote holds. */
function leftToOthers({ engine, record }: Attempt): void {
  void engine.ownership.suspect();
  engine.waiters.check(record.id);
}

/** A cancel that came while the attempt was ending found it running: it is for the next one. */
function cancelIfAsked({ engine, record }: Attempt): void {
  const ask = async (): Promise<void> => {
    const asked = (await engine.store.task(record.id))?.facts?.cancelRequested;
    if (asked !== undefined) await cancelStored(engine, record, asked);
  };
  ask().catch((error: unknown) => engine.events.emit({ type: "store-error", error }));
}

/** Storage failed. What happened must still be recorded, so it is tried until it can be. */
function writeAgain(attempt: Attempt, entry: JournalEntry, tries: number, error: unknown): void {
  const { engine } = attempt;
  engine.events.emit({ type: "store-error", error });
  if (engine.closing) engine.attempts.concluded(attempt);
  else engine.alarms.after(Math.min(100 * 2 ** tries, 5_000), () => engine.journal.add(entry));
}
