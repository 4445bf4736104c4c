import { MeanwhileError } from "../errors.ts";
import type { Engine } from "../manager/engine.ts";
import { requireFunction } from "../manager/require-function.ts";
import { renderDelivery } from "../render/delivery.ts";
import type { Notification, NotificationRecord, TaskRecord } from "../store/store.ts";
import { requireDuration, requireWhole, timeAfter } from "../task/durations.ts";
import { closed } from "../task/waiters.ts";
import type { Delivery, NotificationQueue, ReceiveOptions } from "./delivery.ts";
import { toNotification } from "./inbox.ts";

const defaultLimit = 20;
const defaultChars = 8_000;
const leastChars = 500;
const defaultLeaseMs = 600_000;

type Item = { readonly notification: NotificationRecord; readonly task: TaskRecord };

/** The queue of one session. Holds nothing: what it knows is in the engine and the store. */
export function createNotificationQueue(engine: Engine, session: string): NotificationQueue {
  const pending = (): number => engine.inboxes.peek(session)?.pending ?? 0;

  async function receive(options: ReceiveOptions = {}): Promise<Delivery> {
    checkReceive(options);
    await engine.opened();
    if (pending() === 0) return emptyDelivery;
    const inbox = engine.inboxes.open(session);
    const before = inbox.receiving ?? Promise.resolve();
    const mine = before.then(() => lease(options));
    // A failed receive must not fail the next one.
    const tail = mine
      .catch(() => {})
      .then(() => {
        if (inbox.receiving === tail) inbox.receiving = undefined;
        engine.inboxes.forget(session);
      });
    inbox.receiving = tail;
    return mine;
  }

  async function lease(options: ReceiveOptions): Promise<Delivery> {
    const { limit = defaultLimit, maxChars = defaultChars, leaseMs = defaultLeaseMs } = options;
    for (;;) {
      engine.refuseClosed();
      const now = engine.clock.now();
      const items = await engine.store.notifications({ session, limit, now });
      if (items.length === 0) {
        await engine.mirror.refresh(session);
        return emptyDelivery;
      }
      const rendered = render(items, maxChars);
      const chosen = items.slice(0, rendered.included);
      const token = engine.id("d_");
      const fence = engine.ownership.fence;
      const until = timeAfter(now, leaseMs);
      const ids = chosen.map((item) => item.notification.id);
      const leased = await engine.journal.commit<"lease">({
        type: "lease",
        session,
        ids,
        token,
        fence,
        until,
        now,
      });
      const got = new Set(leased);
      const mine = chosen.filter((item) => got.has(item.notification.id));
      engine.inboxes.changed(session, -mine.length, -failuresAmong(mine));
      if (mine.length === 0) {
        // Somebody else read or received all of them in between; or the lease on everything is lost.
        await engine.ownership.suspect();
        continue;
      }
      // Rendering is most of the work, so it is done again only when it has to be.
      const whole = mine.length === items.length;
      const text = whole ? rendered.text : render(mine, maxChars).text;
      return delivery(mine, text, { token, fence }, until);
    }
  }

  function render(items: readonly Item[], maxChars: number): { text: string; included: number } {
    return renderDelivery(items, {
      maxChars,
      limit: items.length,
      redact: engine.options.redact,
      now: engine.clock.now(),
    });
  }

  function delivery(
    items: readonly Item[],
    text: string,
    held: { readonly token: string; readonly fence: string },
    until: number,
  ): Delivery {
    const look = (): void => engine.mirror.refreshSoon(session);
    const cancelLook = engine.alarms.at(until, look, false);
    const ids = items.map((item) => item.notification.id);
    let answer: { readonly acknowledged: boolean; readonly done: Promise<void> } | undefined;

    async function acknowledge(): Promise<void> {
      // While the manager closes an answer still counts; afterwards the lease is given up.
      if (!engine.isOpen) throw closed();
      const done = await engine.journal.commit<"ack">({ type: "ack", session, ids, ...held });
      cancelLook();
      if (done) {
        // What had lapsed, and nobody else took, counts as pending here.
        if (engine.clock.now() >= until) look();
        return engine.wakes.answered(session);
      }
      void engine.ownership.suspect();
      throw new MeanwhileError(
        "LEASE_LOST",
        "These notifications were given to another receiver, since their lease ran out or this manager lost its own. Do not use the delivery twice; receive again.",
      );
    }

    async function giveBack(): Promise<void> {
      // Closing gave it back.
      if (!engine.isOpen) return;
      const count = await engine.journal.commit<"release">({
        type: "release",
        session,
        ids,
        ...held,
      });
      cancelLook();
      if (count === 0) return;
      engine.wakes.released(session);
      await engine.mirror.refresh(session);
    }

    /** An answer that storage did not take was not given. */
    function tryAgainLater(answering: Promise<void>): Promise<void> {
      return answering.catch((error: unknown) => {
        if (!MeanwhileError.isInstance(error, "LEASE_LOST")) answer = undefined;
        throw error;
      });
    }

    const made: Delivery = {
      notifications: items.map((item) =>
        toNotification({ ...item.notification, deliveries: item.notification.deliveries + 1 }),
      ),
      text,
      ack() {
        if (answer !== undefined && !answer.acknowledged) {
          return Promise.reject(
            new MeanwhileError("LEASE_LOST", "This delivery was released; receive again."),
          );
        }
        answer ??= { acknowledged: true, done: tryAgainLater(acknowledge()) };
        return answer.done;
      },
      release() {
        answer ??= { acknowledged: false, done: tryAgainLater(giveBack()) };
        if (answer.acknowledged) return Promise.resolve();
        released.add(made);
        return answer.done;
      },
    };
    return made;
  }

  async function drain<Result>(
    callback: (delivery: Delivery) => Result | Promise<Result>,
    options?: ReceiveOptions,
  ): Promise<Result | undefined> {
    requireFunction(callback, "What drain calls back");
    if (engine.isOpen && pending() === 0) return undefined;
    const received = await receive(options);
    if (received.notifications.length === 0) return undefined;
    let result: Result;
    try {
      result = await callback(received);
    } catch (error) {
      // What cannot be given back now comes back when its lease runs out.
      await received
        .release()
        .catch((cause: unknown) => engine.events.emit({ type: "store-error", error: cause }));
      throw error;
    }
    await received.ack();
    return result;
  }

  async function wait(
    options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
  ): Promise<boolean> {
    const { signal, timeoutMs } = options;
    requireDuration(timeoutMs, "timeoutMs");
    signal?.throwIfAborted();
    await engine.opened();
    engine.refuseClosed();
    signal?.throwIfAborted();
    if (pending() > 0) return true;
    return new Promise<boolean>((resolve, reject) => {
      const inbox = engine.inboxes.open(session);
      const letGo = engine.alarms.hold();
      const cancelTimer =
        timeoutMs === undefined
          ? undefined
          : engine.alarms.after(timeoutMs, () => end(() => resolve(false)));
      const end = (answer: () => void): void => {
        inbox.waiters.delete(wake);
        signal?.removeEventListener("abort", abort);
        cancelTimer?.();
        letGo();
        engine.inboxes.forget(session);
        answer();
      };
      const wake = (): void => end(() => (engine.closing ? reject(closed()) : resolve(true)));
      const abort = (): void => end(() => reject(signal?.reason));
      inbox.waiters.add(wake);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  return {
    receive,
    drain,
    pending,
    wait,
    subscribe(listener: (notification: Notification) => void) {
      requireFunction(listener, "A subscriber");
      engine.refuseClosed();
      engine.openSoon();
      const inbox = engine.inboxes.open(session);
      const entry = (notification: Notification): unknown => listener(notification);
      inbox.listeners.add(entry);
      return () => {
        inbox.listeners.delete(entry);
        engine.inboxes.forget(session);
      };
    },
    [Symbol.asyncIterator]: () => iterate({ receive, wait }),
  };
}

/** Asking for the next delivery acknowledges the one before; leaving the loop releases it. */
async function* iterate(
  queue: Pick<NotificationQueue, "receive" | "wait">,
): AsyncGenerator<Delivery, void, undefined> {
  for (;;) {
    let delivery: Delivery;
    try {
      await queue.wait();
      delivery = await queue.receive();
    } catch (error) {
      if (MeanwhileError.isInstance(error, "CLOSED")) return;
      throw error;
    }
    if (delivery.notifications.length === 0) continue;
    let handled = false;
    try {
      yield delivery;
      handled = true;
    } finally {
      if (!handled) await delivery.release();
    }
    if (!released.has(delivery)) await delivery.ack();
  }
}

/** Deliveries that were given back by hand. */
const released = new WeakSet<Delivery>();

const emptyDelivery: Delivery = Object.freeze({
  notifications: Object.freeze([]),
  text: "",
  ack: () => Promise.resolve(),
  release: () => Promise.resolve(),
});

function failuresAmong(items: readonly Item[]): number {
  return items.filter((item) => item.notification.kind === "failed").length;
}

function checkReceive(options: ReceiveOptions): void {
  requireWhole(options.limit, "limit", "INVALID_OPTION", 1);
  requireWhole(options.maxChars, "maxChars", "INVALID_OPTION", leastChars);
  requireDuration(options.leaseMs, "leaseMs", "INVALID_OPTION", { positive: true });
}
