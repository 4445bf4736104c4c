import type { Session } from "@meanwhile/core";

const mostInDelivery = 1_000;

/**
 * Starts `tasks` tasks, at most `inFlight` of them not yet acknowledged, and acknowledges what it
 * is told as it is told: the whole way of a task. Tasks that were queued before go first, so the
 * queue stays as long as it was.
 */
export async function untilAcknowledged(
  session: Session,
  options: {
    readonly tasks: number;
    readonly inFlight: number;
    readonly start: (number: number) => Promise<unknown>;
  },
): Promise<void> {
  const { tasks, inFlight, start } = options;
  const { notifications } = session;
  let started = 0;
  let acknowledged = 0;

  function startMore(more: number): void {
    const end = Math.min(started + more, tasks);
    for (; started < end; started += 1) void start(started);
  }

  startMore(inFlight);
  while (acknowledged < tasks) {
    await notifications.wait();
    const delivery = await notifications.receive({
      limit: mostInDelivery,
      maxChars: 1_000_000,
    });
    // An agent would read it, so making it is part of the way.
    if (delivery.text === "") throw new Error("Told that something is owed, but nothing was.");
    await delivery.ack();
    acknowledged += delivery.notifications.length;
    startMore(delivery.notifications.length);
  }
}
