import {
  type Delivery,
  MeanwhileError,
  type NotificationQueue,
  type ReceiveOptions,
} from "@meanwhile/core";
import type { UserModelMessage } from "ai";
import { type Received, receiveUntold } from "./receive-untold.ts";
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
  /** The model did not get, or not answer, what it should be told: it stays owed. */
  unanswered(): Promise<void>;
  /** Acknowledges all that was answered, but for what the predicate refuses: that stays owed. */
  settle(isKept?: (id: string) => boolean): Promise<void>;
  /** Gives everything back. */
  release(): Promise<void>;
}

export function createTelling(queue: NotificationQueue, options: ReceiveOptions): Telling {
  const told = new Set<string>();
  let held: Delivery[] = [];
  let ready: Delivery[] = [];

  return {
    know(ids) {
      for (const id of ids) told.add(id);
    },
    async next() {
      const { repeated, fresh }: Received = await receiveUntold(queue, told, options);
      held.push(...repeated);
      if (fresh === undefined) return undefined;
      held.push(fresh);
      for (const { id } of fresh.notifications) told.add(id);
      return toMessage(fresh);
    },
    answered() {
      ready.push(...held);
      held = [];
    },
    async unanswered() {
      const back = held;
      held = [];
      await releaseAll(back);
    },
    async settle(isKept = () => true) {
      const settled = ready;
      ready = [];
      await Promise.all(
        settled.map((delivery) =>
          delivery.notifications.every(({ id }) => isKept(id))
            ? acknowledge(delivery)
            : delivery.release(),
        ),
      );
    },
    async release() {
      const back = [...held, ...ready];
      held = [];
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
