import type { Clock } from "../clock/clock.ts";
import { detached } from "../clock/detached.ts";
import { MeanwhileError } from "../errors.ts";
import type { Change, Outcome, Store } from "../store/store.ts";

/**
 * Group commit: everything that is written during one turn of the event loop becomes one commit of
 * the store. It is what lets a durable task cost a fraction of an fsync.
 */
export interface Journal {
  /** Adds a change to the next commit; one of its two methods is called once it is durable, or not. */
  add(entry: JournalEntry): void;
  /** The same with callbacks. */
  write<Type extends Change["type"]>(
    change: Extract<Change, { type: Type }>,
    done: (outcome: Outcome<Type>) => void,
    failed: (error: unknown) => void,
  ): void;
  /** The same as a promise. */
  commit<Type extends Change["type"]>(
    change: Extract<Change, { type: Type }>,
  ): Promise<Outcome<Type>>;
  /** Makes sure that a flush comes, so that `beforeFlush` is called. */
  poke(): void;
  /**
   * Runs `look` when everything added before is written and its callbacks were called, and writes
   * nothing until it ends: what it reads and what this process knows are of one moment. `look`
   * must not wait for a commit.
   */
  still<Value>(look: () => Promise<Value>): Promise<Value>;
  /** What waits for the next commit. */
  readonly waiting: readonly JournalEntry[];
  /** Resolves when nothing is waiting to be written or being written. */
  idle(): Promise<void>;
}

/** A change and what follows from its outcome. */
export interface JournalEntry {
  readonly change: Change;
  done(outcome: Outcome): void;
  failed(error: unknown): void;
}

export function createJournal(
  store: Store,
  clock: Clock,
  hooks: {
    /** Called right before each commit: the last chance to add changes to it. */
    readonly beforeFlush: () => void;
    /** What a callback threw; the others of its commit are called all the same. */
    readonly onError: (error: unknown) => void;
  },
): Journal {
  let entries: JournalEntry[] = [];
  let looks: (() => Promise<void>)[] = [];
  let scheduled = false;
  let writing = false;
  let idlers: (() => void)[] = [];

  function poke(): void {
    if (scheduled || writing) return;
    scheduled = true;
    // Work and listeners started from a callback must not inherit the async context of whoever
    // happened to write first.
    clock.immediate(detachedFlush);
  }

  function flush(): void {
    scheduled = false;
    writing = true;
    hooks.beforeFlush();
    const batch = entries;
    entries = [];
    const due = looks;
    looks = [];
    if (batch.length === 0 && due.length === 0) {
      writing = false;
      return settleIdle();
    }
    const written =
      batch.length === 0 ? Promise.resolve() : commitBatch(store, batch, hooks.onError);
    void (due.length === 0 ? written : written.then(() => takeLooks(due))).then(() => {
      // Callbacks may have freed slots without writing anything.
      hooks.beforeFlush();
      writing = false;
      if (entries.length > 0 || looks.length > 0) poke();
      else settleIdle();
    });
  }

  const detachedFlush = detached(flush);

  function settleIdle(): void {
    const waiting = idlers;
    idlers = [];
    for (const resolve of waiting) resolve();
  }

  function write<Type extends Change["type"]>(
    change: Extract<Change, { type: Type }>,
    done: (outcome: Outcome<Type>) => void,
    failed: (error: unknown) => void,
  ): void {
    add({ change, done: done as JournalEntry["done"], failed });
  }

  function add(entry: JournalEntry): void {
    entries.push(entry);
    poke();
  }

  return {
    add,
    write,
    commit: (change) => new Promise((resolve, reject) => write(change, resolve, reject)),
    poke,
    still: (look) =>
      new Promise((resolve, reject) => {
        looks.push(() => Promise.resolve().then(look).then(resolve, reject));
        poke();
      }),
    get waiting() {
      return entries;
    },
    idle() {
      if (entries.length === 0 && !writing && !scheduled) return Promise.resolve();
      return new Promise((resolve) => idlers.push(resolve));
    },
  };
}

async function takeLooks(looks: readonly (() => Promise<void>)[]): Promise<void> {
  for (const look of looks) await look();
}

/** Never rejects. */
async function commitBatch(
  store: Store,
  batch: readonly JournalEntry[],
  onError: (error: unknown) => void,
): Promise<void> {
  let outcomes: readonly Outcome[];
  try {
    outcomes = await store.commit(batch.map((entry) => entry.change));
  } catch (error) {
    // One change that the store cannot take must not fail the others that came with it.
    if (batch.length > 1 && isAboutOneChange(error)) {
      for (const entry of batch) await commitBatch(store, [entry], onError);
    } else {
      for (const entry of batch) guarded(() => entry.failed(error), onError);
    }
    return;
  }
  for (let index = 0; index < batch.length; index += 1) {
    const entry = batch[index] as JournalEntry;
    // Not `guarded`: here a closure for each entry is felt.
    try {
      entry.done(outcomes[index] as Outcome);
    } catch (error) {
      onError(error);
    }
  }
}

function guarded(call: () => void, onError: (error: unknown) => void): void {
  try {
    call();
  } catch (error) {
    onError(error);
  }
}

function isAboutOneChange(error: unknown): boolean {
  return !MeanwhileError.isInstance(error) || error.code === "STORE";
}
