import { INTERRUPT, type Interrupt, interrupt } from "@langchain/langgraph";
import type { Session } from "@meanwhile/core";

/** The value of the interrupt with which a thread waits for its background tasks. */
export interface ParkValue {
  readonly type: "meanwhile";
  /** The tasks that were open, at most 100. */
  readonly waitingFor: readonly { readonly id: string; readonly title: string }[];
}

/**
 * Ends the run until the session is owed something, by an interrupt that survives restarts; does
 * nothing when it is owed something already, or has no task that could bring news. To be called in
 * a node, which is run again from its beginning when the thread is woken.
 */
export async function park(session: Session): Promise<void> {
  const open = await session.list({ status: ["queued", "running"] });
  if (session.notifications.pending() > 0 || open.length === 0) return;
  const waitingFor = open.map(({ id, title }) => ({ id, title }));
  interrupt<ParkValue>({ type: "meanwhile", waitingFor });
}

/**
 * Whether a thread waits for its background tasks and for nothing else. Takes what `invoke` gave,
 * or a snapshot of `getState`.
 */
export function isParked(of: unknown): boolean {
  const interrupts = interruptsOf(of);
  return interrupts.length > 0 && interrupts.every(isPark);
}

export function isPark({ value }: Interrupt): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    value.type === "meanwhile" &&
    "waitingFor" in value
  );
}

function interruptsOf(of: unknown): readonly Interrupt[] {
  if (typeof of !== "object" || of === null) return [];
  if (INTERRUPT in of && Array.isArray(of[INTERRUPT])) return of[INTERRUPT];
  if (!("tasks" in of) || !Array.isArray(of.tasks)) return [];
  return of.tasks.flatMap(({ interrupts }) => (Array.isArray(interrupts) ? interrupts : []));
}
