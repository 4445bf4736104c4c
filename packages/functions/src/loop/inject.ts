import type { Delivery, Notification, NotificationQueue, ReceiveOptions } from "@meanwhile/core";
import { receiveUntold } from "@meanwhile/core/adapters";
import type { Wire } from "../wire.ts";
import { markTold, toldIn } from "./told.ts";

export interface InjectOptions {
  /**
   * Ids of notifications that the messages hold although this process did not put them there: of
   * a conversation that was loaded from disk. They are acknowledged and not told again.
   * @default none
   */
  readonly told?: Iterable<string>;
}

/** Messages to send, and what they owe to the queue once they were sent. */
export interface Injection<Message> {
  /** A new array: the given messages, and the text of what is owed at the end. */
  readonly messages: Message[];
  /** What `commit` acknowledges. Empty when nothing was owed, or nothing may be put in now. */
  readonly notifications: readonly Notification[];
  /** What was added; "" when nothing was. */
  readonly text: string;
  /**
   * Settles the notifications for good. To be called once the provider has taken the messages.
   * @throws MeanwhileError `LEASE_LOST` when that took longer than `leaseMs`, and another has
   * received them since.
   */
  commit(): Promise<void>;
  /** Gives the notifications back, for another attempt. After `commit` a no-op. */
  release(): Promise<void>;
}

export type Inject = <Message extends object>(
  messages: readonly Message[],
  options?: InjectOptions,
) => Promise<Injection<Message>>;

/** One unanswered injection at a time: the next one takes the place of the one before. */
export function createInject(
  queue: NotificationQueue,
  wire: Pick<Wire<unknown, never>, "tail" | "append">,
  receiveOptions: ReceiveOptions,
): Inject {
  let outstanding: readonly Delivery[] = [];

  return async function inject<Message extends object>(
    messages: readonly Message[],
    options: InjectOptions = {},
  ): Promise<Injection<Message>> {
    await releaseAll(outstanding);
    outstanding = [];
    const tail = wire.tail(messages);
    if (tail === "calls" || tail === "paused") return injection([...messages], "", []);

    const told = toldIn(messages);
    for (const id of options.told ?? []) told.add(id);
    const { repeated, fresh } = await receiveUntold(queue, told, receiveOptions);
    outstanding = fresh === undefined ? repeated : [...repeated, fresh];
    if (fresh === undefined) return injection([...messages], "", outstanding);

    const appended = wire.append(messages, fresh.text);
    markTold(
      appended.carrier,
      fresh.notifications.map(({ id }) => id),
    );
    // The wire adds only what the provider's own message type allows.
    return injection(appended.messages as Message[], fresh.text, outstanding);
  };
}

function injection<Message>(
  messages: Message[],
  text: string,
  deliveries: readonly Delivery[],
): Injection<Message> {
  return {
    messages,
    notifications: deliveries.flatMap((delivery) => delivery.notifications),
    text,
    async commit() {
      await Promise.all(deliveries.map((delivery) => delivery.ack()));
    },
    release: () => releaseAll(deliveries),
  };
}

async function releaseAll(deliveries: readonly Delivery[]): Promise<void> {
  await Promise.all(deliveries.map((delivery) => delivery.release()));
}
