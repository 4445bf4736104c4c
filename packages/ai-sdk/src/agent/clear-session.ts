import { MeanwhileError, type Session } from "@meanwhile/core";

/** Cancels what is open and drops what is owed: nobody is left to be told. */
export async function clearSession(session: Session): Promise<void> {
  try {
    for (;;) {
      const open = await session.list({ status: ["queued", "running"] });
      if (open.length === 0) break;
      await Promise.all(open.map(({ id }) => cancel(session, id)));
    }
    while (session.notifications.pending() > 0) await session.notifications.drain(() => {});
  } catch (error) {
    // The next process will.
    if (!MeanwhileError.isInstance(error, "CLOSED")) throw error;
  }
}

async function cancel(session: Session, id: string): Promise<void> {
  try {
    await session.cancel(id, "the agent that started it has ended");
  } catch (error) {
    if (!MeanwhileError.isInstance(error, "UNKNOWN_TASK")) throw error;
  }
}
