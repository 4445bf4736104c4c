import type { Delivery, NotificationQueue, ReceiveOptions } from "../notifications/delivery.ts";

/** What is owed to a conversation that may hold some of it already. */
export interface Received {
  /** Nothing but notifications that were told before: to be acknowledged, not to be told. */
  readonly repeated: readonly Delivery[];
  /** Nothing but notifications that were not told. */
  readonly fresh: Delivery | undefined;
}

/**
 * Receives what is owed, apart from each other what the conversation holds already and what it
 * does not: a delivery has one text for all of its notifications, so a mixed one is given back and
 * received in parts. What lies behind the first fresh part stays owed for the next time.
 *
 * @param told ids of the notifications that the conversation holds
 * @throws as `NotificationQueue.receive`, with nothing left leased
 */
export async function receiveUntold(
  queue: NotificationQueue,
  told: ReadonlySet<string>,
  options: ReceiveOptions,
): Promise<Received> {
  const repeated: Delivery[] = [];
  let limit = options.limit;
  try {
    for (;;) {
      const delivery = await queue.receive(limit === undefined ? options : { ...options, limit });
      const { notifications } = delivery;
      const first = notifications[0];
      if (first === undefined) return { repeated, fresh: undefined };
      const isTold = told.has(first.id);
      const change = notifications.findIndex(({ id }) => told.has(id) !== isTold);
      if (change !== -1) {
        await delivery.release();
        limit = change;
      } else if (isTold) {
        repeated.push(delivery);
        limit = options.limit;
      } else {
        return { repeated, fresh: delivery };
      }
    }
  } catch (error) {
    await Promise.allSettled(repeated.map((delivery) => delivery.release()));
    throw error;
  }
}
