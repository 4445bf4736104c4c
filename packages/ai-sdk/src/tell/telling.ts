import {
  type Delivery,
  MeanwhileError,
  type Notification,
  type NotificationQueue,
  type ReceiveOptions,
} from "@meanwhile/core";
import { receiveUntold } from "@meanwhile/core/adapters";
import type { UserModelMessage } from "ai";
import { toMessage } from "./told.ts";

/**
 * What one conversation is told while it runs, and what becomes of it. Between `next` and the
 * model's answer it is held; the answer makes it ready to be acknowledged.
 */
export interface Telling {
  /** These the conversation holds already: they are acknowledged, and not told again. */
  know(ids: Iterable<string>): void;
  /** Receives what is owed, and gives the message that tells it, or undefined. Never waits. */
  next(): Promise<UserModelMessage | undefined>;
  /** The model has answered what it was told. */
  answered(): void;
  /**
   * The model did not get what it should be told, and the conversation does not hold it: it stays
   * owed, and is told again.
   */
  unanswered(): Promise<void>;
  /**
   * Acknowledges all that was answered, but for what the predicate refuses: that stays owed. Gives
   * whether it refused nothing.
   */
  settle(isKept?: (id: string) => boolean): Promise<boolean>;
  /** Gives everything back that is not acknowledged, although the conversation may hold it. */
  release(): Promise<void>;
}

export function createTelling(
  queue: NotificationQueue,
  options: ReceiveOptions,
  onTold?: (notifications: readonly Notification[]) => void,
): Telling {
  const told = new Set<string>();
  let fresh: string[] = [];
  let held: Delivery[] = [];
  let ready: Delivery[] = [];

  return {
    know(ids) {
      for (const id of ids) told.add(id);
    },
    async next() {
      const received = await receiveUntold(queue, told, options);
      held.push(...received.repeated);
      if (received.fresh === undefined) return undefined;
      held.push(received.fresh);
      for (const { id } of received.fresh.notifications) {
        fresh.push(id);
        told.add(id);
      }
      onTold?.(received.fresh.notifications);
      return toMessage(received.fresh);
    },
    answered() {
      ready.push(...held);
      held = [];
      fresh = [];
    },
    async unanswered() {
      for (const id of fresh) told.delete(id);
      const back = held;
      held = [];
      fresh = [];
      await releaseAll(back);
    },
    async settle(isKept = () => true) {
      const isWhole = ({ notifications }: Delivery): boolean =>
        notifications.every(({ id }) => isKept(id));
      const settled = ready;
      ready = [];
      await Promise.all(
        settled.map((delivery) => (isWhole(delivery) ? acknowledge(delivery) : delivery.release())),
      );
      return settled.every(isWhole);
    },
    async release() {
      const back = [...held, ...ready];
      held = [];
      fresh = [];
      ready = [];
      await releaseAll(back);
    },
  };
}

async function releaseAll(deliveries: readonly Delivery[]): Promise<void> {
  await Promise.all(deliveries.map((delivery) => delivery.release()));
}

/** The model has read the text. That another receiver has it as well cannot be undone here. */
async function acknowledge(delivery: Delivery): Promise<void> {
  try {
    await delivery.ack();
  } catch (error) {
    if (!MeanwhileError.isInstance(error, "LEASE_LOST")) throw error;
  }
}
