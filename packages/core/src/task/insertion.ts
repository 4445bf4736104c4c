import { MeanwhileError } from "../errors.ts";
import type { Engine } from "../manager/engine.ts";
import type { JournalEntry } from "../manager/journal.ts";
import type { Change, Outcome, Outcomes, TaskRecord } from "../store/store.ts";
import { createHandle, type TaskHandle } from "./handle.ts";

/**
 * A new task on its way into the store. It holds its place, in the queue or among the running,
 * from the beginning, so that starts in one turn of the event loop see each other.
 */
export class Insertion implements JournalEntry {
  readonly change: Extract<Change, { type: "insert" }>;
  readonly #engine: Engine;
  readonly #resolve: (handle: TaskHandle<never>) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    engine: Engine,
    task: TaskRecord,
    resolve: (handle: TaskHandle<never>) => void,
    reject: (error: unknown) => void,
  ) {
    this.change = { type: "insert", task };
    this.#engine = engine;
    this.#resolve = resolve;
    this.#reject = reject;
    if (task.status === "queued") engine.backlog.add(task.session, 1);
  }

  done(outcome: Outcome): void {
    const inserted = outcome as Outcomes["insert"];
    const { task } = this.change;
    if (inserted.inserted) {
      this.#resolve(createHandle<never>(this.#engine, task));
      this.#engine.runner.inserted(task);
      return;
    }
    this.#undo();
    if ("existing" in inserted) {
      this.#resolve(createHandle<never>(this.#engine, inserted.existing));
    } else if ("unknownTask" in inserted) this.#reject(unknownDependency(inserted.unknownTask));
    else {
      void this.#engine.ownership.suspect();
      this.#reject(leaseLost());
    }
  }

  failed(error: unknown): void {
    this.#undo();
    this.#reject(error);
  }

  #undo(): void {
    const { id, session, status } = this.change.task;
    this.#engine.closures.delete(id);
    if (status === "running") this.#engine.dispatcher.free(session);
    else this.#engine.backlog.add(session, -1);
  }
}

function unknownDependency(id: string): MeanwhileError {
  return new MeanwhileError(
    "UNKNOWN_TASK",
    `after names ${JSON.stringify(id)}, but this session has no such task. Use ids that start or list gave.`,
  );
}

function leaseLost(): MeanwhileError {
  return new MeanwhileError(
    "LEASE_LOST",
    "This manager has just lost its lease, so the task was not stored. Start it again.",
  );
}
