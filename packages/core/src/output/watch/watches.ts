import { MeanwhileError } from "../../errors.ts";
import type { WatchFact } from "../../store/store.ts";
import type { Attempt } from "../../task/attempt.ts";
import { oweNotification } from "../../task/notify.ts";
import { compilePattern, type Pattern } from "../pattern/pattern.ts";
import { startWatch, type Watch } from "./watch.ts";

/** The watches of one attempt. They are stored with the task, and go on with its next attempt. */
export interface Watches {
  /**
   * Watches for one more pattern, in what was printed so far as well. Resolves once that is
   * durable. A pattern that is watched for already is not watched for twice.
   *
   * @throws MeanwhileError `WATCH_LIMIT`, `TASK_SETTLED`, a `STORE…` code
   */
  add(pattern: Pattern): Promise<void>;
  /** Goes on where an earlier attempt, or another manager, left off. */
  resume(facts: readonly WatchFact[]): void;
  /** Tells what was printed last. Takes a second at most; never rejects. */
  finish(): Promise<void>;
  stop(): void;
}

const mostWatches = 8;
const finishMs = 1_000;

export function createWatches(attempt: Attempt): Watches {
  const { engine, record, fence } = attempt;
  const watches = new Set<Watch>();

  function begin(pattern: Pattern, from: number): Watch {
    const watch = startWatch(
      {
        output: attempt.output,
        clock: engine.clock,
        alarms: engine.alarms,
        redact: engine.options.redact,
        async tell(text) {
          // In one commit: what was told is not told again by whoever takes up the task.
          await Promise.all([oweNotification(attempt, "match", text), save()]);
        },
        ended: () => watches.delete(watch),
        report,
      },
      pattern,
      from,
    );
    watches.add(watch);
    return watch;
  }

  /** False when the task has ended, or is another's. */
  function save(): Promise<boolean> {
    const facts = [...watches].map(({ pattern, told }) => ({
      pattern: pattern.source,
      after: told,
    }));
    return engine.journal.commit<"update">({
      type: "update",
      id: record.id,
      fence,
      attempt: record.attempt,
      facts: { watches: facts.length === 0 ? null : facts },
    });
  }

  function report(error: unknown): void {
    const settled = MeanwhileError.isInstance(error, "TASK_SETTLED");
    if (!settled) engine.events.emit({ type: "store-error", error });
  }

  return {
    async add(pattern) {
      attempt.refuseWhenConcluded("be watched");
      if ([...watches].some((watch) => watch.pattern.source === pattern.source)) return;
      if (watches.size >= mostWatches) {
        throw new MeanwhileError(
          "WATCH_LIMIT",
          `Task ${record.id} is watched for ${mostWatches} patterns already, which is the most. Join patterns with |.`,
        );
      }
      const watch = begin(pattern, 0);
      let stored = false;
      try {
        stored = await save();
      } finally {
        if (!stored) {
          watch.stop();
          watches.delete(watch);
        }
      }
      if (!stored) throw attempt.settledBefore("be watched");
    },
    resume(facts) {
      for (const { pattern, after } of facts.slice(0, mostWatches)) {
        try {
          begin(compilePattern(pattern), after);
        } catch (error) {
          // Stored by a version that took other patterns.
          report(error);
        }
      }
    },
    async finish() {
      const until = engine.clock.monotonic() + finishMs;
      await Promise.all([...watches].map((watch) => watch.finish(until)));
    },
    stop() {
      for (const watch of watches) watch.stop();
    },
  };
}
