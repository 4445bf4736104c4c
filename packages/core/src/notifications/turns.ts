import { AsyncLocalStorage } from "node:async_hooks";
import { MeanwhileError } from "../errors.ts";
import type { Engine } from "../manager/engine.ts";
import { requireFunction } from "../manager/require-function.ts";
import { closed } from "../task/waiters.ts";

/** What a turn gets. */
export interface TurnContext {
  /** Aborts when the manager closes, or has lost its lease: another may begin a turn then. */
  readonly signal: AbortSignal;
}

/** Turns of a session, one after the other, in this process and in all that share the store. */
export interface Turns {
  run<Result>(
    session: string,
    turn: (context: TurnContext) => Result | Promise<Result>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Result>;
  /** Whether a turn of the session runs or waits in this process. */
  busy(session: string): boolean;
  /** Another process may have ended its turn. */
  look(session: string | undefined): void;
  /** The lease is lost: the turns of this process are not exclusive any more. */
  lost(reason: MeanwhileError): void;
  close(): void;
}

interface SessionTurns {
  /** Ends with the last turn that was asked for. */
  tail: Promise<unknown>;
  count: number;
  /** Called back when another process may have ended its turn. */
  retry: (() => void) | undefined;
}

/** How long a caller is ready to wait for its turn: until the signal aborts, or the turn began. */
interface Patience {
  readonly signal: AbortSignal | undefined;
  begun: boolean;
}

/** How often to look whether another process has ended its turn, should its word not reach us. */
const lookAgainMs = 1_000;

export function createTurns(engine: Engine): Turns {
  const sessions = new Map<string, SessionTurns>();
  const controllers = new Set<AbortController>();
  const running = new AsyncLocalStorage<ReadonlySet<string>>();

  async function begin(session: string, own: SessionTurns, signal?: AbortSignal): Promise<string> {
    for (;;) {
      engine.refuseClosed();
      signal?.throwIfAborted();
      const fence = engine.ownership.fence;
      if (await engine.journal.commit<"begin-turn">({ type: "begin-turn", session, fence })) {
        return fence;
      }
      await new Promise<void>((resolve) => {
        const cancel = engine.alarms.after(lookAgainMs, done);
        signal?.addEventListener("abort", done, { once: true });
        own.retry = done;
        function done(): void {
          cancel();
          signal?.removeEventListener("abort", done);
          own.retry = undefined;
          resolve();
        }
      });
    }
  }

  async function one<Result>(
    session: string,
    own: SessionTurns,
    turn: (context: TurnContext) => Result | Promise<Result>,
    patience: Patience,
  ): Promise<Result> {
    const { signal } = patience;
    const fence = await begin(session, own, signal);
    const controller = new AbortController();
    controllers.add(controller);
    const inherited = running.getStore() ?? new Set<string>();
    try {
      // Another process may have settled tasks of the session a moment ago.
      await engine.mirror.refresh(session);
      signal?.throwIfAborted();
      // Closing has aborted the turns that it found; this one it may have missed.
      engine.refuseClosed();
      patience.begun = true;
      return await running.run(new Set([...inherited, session]), () =>
        turn({ signal: controller.signal }),
      );
    } finally {
      controllers.delete(controller);
      await end(session, fence);
    }
  }

  /** A turn whose end cannot be stored is over all the same; it is given back once it can be. */
  async function end(session: string, fence: string): Promise<void> {
    try {
      await engine.journal.commit<"end-turn">({ type: "end-turn", session, fence });
    } catch (error) {
      engine.events.emit({ type: "store-error", error });
      if (!engine.closing) engine.alarms.after(lookAgainMs, () => void end(session, fence));
    }
  }

  return {
    async run(session, turn, options = {}) {
      if (running.getStore()?.has(session) === true) {
        throw new MeanwhileError(
          "NESTED_TURN",
          `A turn of session ${JSON.stringify(session)} is running here already, so one inside it would wait for itself. Use the running turn.`,
        );
      }
      requireFunction(turn, "A turn");
      engine.refuseClosed();
      await engine.opened();
      const own = sessions.get(session) ?? { tail: Promise.resolve(), count: 0, retry: undefined };
      sessions.set(session, own);
      own.count += 1;
      const patience: Patience = { signal: options.signal, begun: false };
      const mine = own.tail.then(() => one(session, own, turn, patience));
      const tail = mine
        .catch(() => {})
        .then(() => {
          own.count -= 1;
          if (own.count === 0) sessions.delete(session);
          engine.wakes.turnEnded(session);
        });
      own.tail = tail;
      return orGivenUp(mine, patience);
    },
    busy: (session) => sessions.has(session),
    look(session) {
      if (session !== undefined) sessions.get(session)?.retry?.();
      else for (const own of [...sessions.values()]) own.retry?.();
    },
    lost(reason) {
      for (const controller of controllers) controller.abort(reason);
    },
    close() {
      for (const controller of controllers) controller.abort(closed());
      for (const own of [...sessions.values()]) own.retry?.();
    },
  };
}

/** The turn, or the signal's reason if that aborts before the turn begins. */
function orGivenUp<Result>(turn: Promise<Result>, patience: Patience): Promise<Result> {
  const { signal } = patience;
  if (signal === undefined) return turn;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      if (!patience.begun) reject(signal.reason);
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
    const stop = (): void => signal.removeEventListener("abort", giveUp);
    turn.then(resolve, reject).finally(stop);
  });
}
