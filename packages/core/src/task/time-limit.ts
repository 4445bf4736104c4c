import type { Alarms } from "../clock/alarms.ts";
import type { Clock } from "../clock/clock.ts";
import { MeanwhileError } from "../errors.ts";
import type { TaskRecord } from "../store/store.ts";
import type { Attempt } from "./attempt.ts";

/** What is left of the time that an attempt may take. Stands still until `go`. */
export interface TimeLimit {
  go(): void;
  /** Until the next `go`. */
  stop(): void;
}

/** The attempt's `timeoutMs`, which stops it; undefined where it has none. */
export function timeLimitOf(attempt: Attempt, adopted: boolean): TimeLimit | undefined {
  const { engine, record } = attempt;
  const { timeoutMs } = record.options;
  if (timeoutMs === null) return undefined;
  // An adopted task has used up part of its time under its former owner.
  const left = adopted ? timeoutMs - usedMs(record, engine.clock.now()) : timeoutMs;
  return createTimeLimit(engine, left, () => {
    attempt.stop({
      kind: "timeout",
      reason: new MeanwhileError("TIMEOUT", `The task did not end within ${timeoutMs} ms.`, {
        details: { timeoutMs },
      }),
    });
  });
}

function createTimeLimit(
  { alarms, clock }: { readonly alarms: Alarms; readonly clock: Clock },
  timeMs: number,
  onOver: () => void,
): TimeLimit {
  let leftMs = timeMs;
  let wentAt = 0;
  let cancel: (() => void) | undefined;
  return {
    go() {
      wentAt = clock.monotonic();
      cancel = alarms.after(leftMs, onOver);
    },
    stop() {
      if (cancel === undefined) return;
      cancel();
      cancel = undefined;
      leftMs -= clock.monotonic() - wentAt;
    },
  };
}

function usedMs(record: TaskRecord, now: number): number {
  return Math.max(now - (record.startedAt ?? now) - waitedMs(record, now), 0);
}

/** Milliseconds that an attempt has waited under its former owner, who may have died waiting. */
export function waitedMs({ facts }: TaskRecord, now: number): number {
  return (facts?.waitedMs ?? 0) + Math.max(now - (facts?.waiting?.since ?? now), 0);
}
