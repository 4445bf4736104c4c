import { notWaiting } from "../store/facts.ts";
import type { Attempt } from "./attempt.ts";

/**
 * Settles nothing: others will. What may be started again waits in the queue for the next manager.
 */
export function letGo(
  attempt: Attempt,
  why: "leave" | "lost",
  closeOutput: () => Promise<unknown> | undefined,
): void {
  const { engine, record, fence } = attempt;
  const concluded = (): void => engine.attempts.concluded(attempt);
  // Only then may the manager be closed: no file of ours is open afterwards.
  const done = (): void => {
    const closed = closeOutput();
    if (closed === undefined) concluded();
    else void closed.then(concluded);
  };
  if (why === "lost" || record.options.recover !== "restart") return done();
  const { id, attempt: number } = record;
  const runAt = engine.clock.now();
  engine.journal.write<"requeue">(
    { type: "requeue", id, fence, attempt: number, runAt, facts: notWaiting },
    done,
    (error) => {
      // Then it is found as one whose process has ended.
      engine.events.emit({ type: "store-error", error });
      done();
    },
  );
}
