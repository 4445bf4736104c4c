import { MeanwhileError } from "../errors.ts";
import type { Engine } from "../manager/engine.ts";
import { requireDuration } from "../task/durations.ts";

type Handler = (turn: { readonly session: string; readonly signal: AbortSignal }) => unknown;

/** When a session is woken. */
export interface WakeOptions {
  /** Milliseconds to wait for more notifications before the turn begins. @default 50 */
  readonly debounceMs?: number;
  /** `"failure"` wakes only for a failed task; the rest is told with it, or at the next turn. @default "always" */
  readonly policy?: "always" | "failure";
}

/** Starts turns for idle sessions that are owed notifications. */
export interface Wakes {
  handle(handler: Handler, options?: WakeOptions): () => void;
  /** Something became pending. */
  owed(session: string): void;
  /** A delivery was acknowledged. */
  answered(session: string): void;
  /** A delivery was given back: the session is tried again, but not at once. */
  released(session: string): void;
  turnEnded(session: string): void;
  close(): void;
}

interface Obligation {
  cancel: (() => void) | undefined;
  failures: number;
  running: boolean;
  /** A delivery was acknowledged since the turn began. */
  answered: boolean;
}

const defaultDebounceMs = 50;
const firstRetryMs = 1_000;
const longestRetryMs = 60_000;

export function createWakes(engine: Engine): Wakes {
  const obligations = new Map<string, Obligation>();
  let handler: Handler | undefined;
  let debounceMs = defaultDebounceMs;
  let policy: "always" | "failure" = "always";

  function isOwed(session: string): boolean {
    const inbox = engine.inboxes.peek(session);
    if (inbox === undefined) return false;
    return policy === "failure" ? inbox.failures > 0 : inbox.pending > 0;
  }

  function schedule(session: string, delayMs: number): void {
    if (isOwed(session)) arm(session, delayMs);
  }

  function arm(session: string, delayMs: number): void {
    if (handler === undefined || engine.closing) return;
    let obligation = obligations.get(session);
    if (obligation === undefined) {
      obligation = { cancel: undefined, failures: 0, running: false, answered: false };
      obligations.set(session, obligation);
    }
    if (obligation.running || obligation.cancel !== undefined) return;
    const mine = obligation;
    obligation.cancel = engine.alarms.after(delayMs, () => {
      mine.cancel = undefined;
      if (!isOwed(session)) forget(session, mine);
      // A turn that runs may receive them itself; its end schedules again.
      else if (!engine.turns.busy(session)) void run(session, mine);
    });
  }

  function forget(session: string, obligation: Obligation): void {
    if (obligations.get(session) === obligation) obligations.delete(session);
  }

  async function run(session: string, obligation: Obligation): Promise<void> {
    obligation.running = true;
    obligation.answered = false;
    let failure: { readonly error: unknown } | undefined;
    try {
      await engine.turns.run(session, async ({ signal }) => {
        const wake = handler;
        if (wake === undefined || !isOwed(session)) return;
        const pending = engine.inboxes.peek(session)?.pending ?? 0;
        engine.events.emit({ type: "wake-start", session, pending });
        await wake({ session, signal });
      });
    } catch (error) {
      failure = { error };
    }
    obligation.running = false;
    if (engine.closing) return;
    if (failure === undefined && !isOwed(session)) return forget(session, obligation);
    // What is left came meanwhile, or was too much for one delivery: no reason to be patient.
    if (failure === undefined && obligation.answered) return schedule(session, debounceMs);
    retry(session, obligation, failure);
  }

  function retry(
    session: string,
    obligation: Obligation,
    failure: { readonly error: unknown } | undefined,
  ): void {
    const delayMs = Math.min(firstRetryMs * 2 ** obligation.failures, longestRetryMs);
    obligation.failures += 1;
    engine.events.emit({ type: "wake-retry", session, delayMs, ...failure });
    schedule(session, delayMs);
  }

  return {
    handle(given, options = {}) {
      if (handler !== undefined) {
        throw new MeanwhileError(
          "INVALID_OPTION",
          "A wake handler is set already: a session is woken once. Call the function that onWake returned to remove it first.",
        );
      }
      requireDuration(options.debounceMs, "debounceMs");
      if (
        options.policy !== undefined &&
        options.policy !== "always" &&
        options.policy !== "failure"
      ) {
        throw new MeanwhileError("INVALID_OPTION", 'policy must be "always" or "failure".');
      }
      handler = given;
      debounceMs = options.debounceMs ?? defaultDebounceMs;
      policy = options.policy ?? "always";
      for (const session of engine.inboxes.owed()) schedule(session, debounceMs);
      return () => {
        if (handler !== given) return;
        handler = undefined;
        for (const obligation of obligations.values()) obligation.cancel?.();
        obligations.clear();
      };
    },
    owed: (session) => schedule(session, debounceMs),
    answered(session) {
      const obligation = obligations.get(session);
      if (obligation === undefined) return;
      obligation.failures = 0;
      obligation.answered = true;
    },
    released(session) {
      const obligation = obligations.get(session);
      if (obligation?.running === true) return;
      // Before the queue is looked at again, which would schedule a wake at once.
      arm(session, firstRetryMs);
    },
    turnEnded(session) {
      const obligation = obligations.get(session);
      if (obligation === undefined || (!obligation.running && obligation.cancel === undefined)) {
        schedule(session, debounceMs);
      }
    },
    close() {
      handler = undefined;
      for (const obligation of obligations.values()) obligation.cancel?.();
      obligations.clear();
    },
  };
}
