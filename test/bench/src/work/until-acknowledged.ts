import type { Session } from "@meanwhile/core";

/**
 * Starts `tasks` tasks, at most `inFlight` of them not yet acknowledged, and acknowledges what it
 * is told as it is told: the whole way of a task. Each delivery has room for all that are in flight.
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
    const delivery = await notifications.receive({ limit: inFlight, maxChars: 1_000_000 });
    await delivery.ack();
    acknowledged += delivery.notifications.length;
    startMore(delivery.notifications.length);
  }
}
