import { MeanwhileError } from "../errors.ts";
import type { Session } from "../manager/session.ts";

/**
 * Cancels a session's open tasks and drops what it is owed: for a conversation that is over, as of
 * an agent that was a task itself. What a manager that closes leaves, the next one can clear.
 *
 * @param reason of the cancels
 * @throws MeanwhileError a `STORE…` code
 */
export async function clearSession(session: Session, reason: string): Promise<void> {
  try {
    for (;;) {
      const open = await session.list({ status: ["queued", "running"] });
      if (open.length === 0) break;
      await Promise.all(open.map(({ id }) => cancel(session, id, reason)));
    }
    while (session.notifications.pending() > 0) await session.notifications.drain(() => {});
  } catch (error) {
    if (!MeanwhileError.isInstance(error, "CLOSED")) throw error;
  }
}

async function cancel(session: Session, id: string, reason: string): Promise<void> {
  try {
    await session.cancel(id, reason);
  } catch (error) {
    if (!MeanwhileError.isInstance(error, "UNKNOWN_TASK")) throw error;
  }
}
