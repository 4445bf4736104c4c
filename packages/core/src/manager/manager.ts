import { MeanwhileError } from "../errors.ts";
import type { WakeOptions } from "../notifications/wakes.ts";
import { shown } from "../task/shown.ts";
import { createEngine } from "./create-engine.ts";
import type { CloseMode, Engine } from "./engine.ts";
import type { ManagerEventName, ManagerEventOf } from "./events.ts";
import { type ManagerOptions, resolveOptions } from "./options.ts";
import { requireFunction } from "./require-function.ts";
import { checkSessionId, createSession, type Session } from "./session.ts";

/** How a manager ends. */
export interface CloseOptions {
  /**
   * What becomes of running tasks: `"cancel"` ends them; `"wait"` lets them end; `"leave"` lets go
   * of those whose definition can recover, for the next manager on the store, and cancels the
   * others. Queued tasks stay queued in a durable store; queued closures are cancelled.
   * @default "cancel"
   */
  readonly running?: CloseMode;
}

/** What a wake handler gets. */
export interface WakeContext {
  /** The session that is owed notifications. */
  readonly session: Session;
  /** Aborts when the manager closes or loses its lease. */
  readonly signal: AbortSignal;
}

/** Runs one turn of the agent for a session that is owed notifications. */
export type WakeHandler = (context: WakeContext) => unknown;

/**
 * Runs background tasks for sessions and keeps what they are owed. The constructor does no I/O; the
 * first use opens the store and recovers.
 */
export class BackgroundManager implements AsyncDisposable {
  readonly #engine: Engine;

  /** @throws MeanwhileError `INVALID_OPTION`, `INVALID_DEFINITION` */
  constructor(options: ManagerOptions = {}) {
    this.#engine = createEngine(resolveOptions(options));
  }

  /**
   * Opens the store and recovers, if that has not happened. Every other call does it by itself.
   * @throws MeanwhileError `OWNER_IN_USE`, or one of the `STORE_…` codes
   */
  open(): Promise<void> {
    return this.#engine.opened();
  }

  /** The session with this id: your chat's or thread's. @throws MeanwhileError `INVALID_OPTION` */
  session(id: string): Session {
    checkSessionId(id);
    return createSession(this.#engine, id);
  }

  /**
   * Sets the one handler that is run as a turn of a session which is owed notifications and idle,
   * also for those owed since before a restart. Tried again with growing delays (1 s to 60 s) until
   * they are acknowledged, also when it throws. Returns what removes it.
   * @throws MeanwhileError `INVALID_OPTION`, also when there is a handler already; `CLOSED`
   */
  onWake(handler: WakeHandler, options?: WakeOptions): () => void {
    const engine = this.#engine;
    requireFunction(handler, "A wake handler");
    engine.refuseClosed();
    const remove = engine.wakes.handle(
      ({ session, signal }) => handler({ session: createSession(engine, session), signal }),
      options,
    );
    engine.openSoon();
    return remove;
  }

  /**
   * Listens to what happens in this process. Returns what ends that. A listener that throws or
   * rejects harms nobody; it is told as `listener-error`.
   *
   * The same events are published on the `node:diagnostics_channel` named `meanwhile:` and the
   * event's name. What a subscriber of a channel throws is, as ever in Node, an uncaught exception.
   * @throws MeanwhileError `INVALID_OPTION` for what is no function; `CLOSED`
   */
  on<Name extends ManagerEventName>(
    name: Name,
    listener: (event: ManagerEventOf<Name>) => void,
  ): () => void {
    requireFunction(listener, "A listener");
    this.#engine.refuseClosed();
    return this.#engine.events.on(name, listener);
  }

  /**
   * Ends the manager. Afterwards no timer, listener, lock or, unless `"leave"`, process of it
   * remains, and every call is refused with `CLOSED`. Idempotent: the first call decides.
   * @throws MeanwhileError `INVALID_OPTION`, with the manager still open
   */
  close(options: CloseOptions = {}): Promise<void> {
    const { running = "cancel" } = options ?? {};
    if (running === "cancel" || running === "wait" || running === "leave") {
      return this.#engine.close(running);
    }
    return Promise.reject(
      new MeanwhileError(
        "INVALID_OPTION",
        `running must be "cancel", "wait" or "leave"; got ${shown(running)}. The manager is still open.`,
      ),
    );
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
