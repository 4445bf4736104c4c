import type { Notification } from "../store/store.ts";

/** Notifications that were leased to the caller, until it acknowledges or releases them. */
export interface Delivery {
  /** Oldest first; empty when nothing was owed. */
  readonly notifications: readonly Notification[];
  /** All of them rendered for a model, within the budget; "" when empty. */
  readonly text: string;
  /**
   * Settles them for good. Idempotent.
   * @throws MeanwhileError `LEASE_LOST` when the lease ran out and another receiver has them now.
   */
  ack(): Promise<void>;
  /** Gives them back, to be received again with the same ids. Idempotent; after `ack` a no-op. */
  release(): Promise<void>;
}

/** How much `receive` hands out, and for how long. */
export interface ReceiveOptions {
  /** Most notifications in one delivery; at least 1. @default 20 */
  readonly limit?: number;
  /** Most characters in `text`; at least 500. What does not fit whole is cut to a line that says how to read it. @default 8000 */
  readonly maxChars?: number;
  /** Milliseconds until an unanswered delivery is given back. @default 600000 */
  readonly leaseMs?: number;
}

/** The durable queue of what one session is owed. */
export interface NotificationQueue extends AsyncIterable<Delivery> {
  /**
   * Leases what is owed, in the order in which the tasks settled; never waits.
   * @throws MeanwhileError `INVALID_OPTION`, `CLOSED`, a `STORE…` code
   */
  receive(options?: ReceiveOptions): Promise<Delivery>;
  /**
   * Receives, hands the delivery to the callback, acknowledges when it succeeds and releases when
   * it throws. Calls nothing and gives undefined when nothing is owed.
   * @throws what the callback throws; else as `receive` and `ack`
   */
  drain<Result>(
    callback: (delivery: Delivery) => Result | Promise<Result>,
    options?: ReceiveOptions,
  ): Promise<Result | undefined>;
  /** How many could be received now, as far as this process knows; costs no I/O. */
  pending(): number;
  /**
   * Resolves true when something can be received, false when `timeoutMs` milliseconds passed; by
   * default it waits for ever.
   * @throws the signal's reason when it aborts; `CLOSED` when the manager closes.
   */
  wait(options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number }): Promise<boolean>;
  /**
   * Calls back with each notification that this process makes, as it is made; receives nothing.
   * Those of other processes on the store reach `wait`, `onWake` and `receive`. Returns what ends
   * that.
   */
  subscribe(listener: (notification: Notification) => void): () => void;
}
