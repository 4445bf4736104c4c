import { type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { MeanwhileError, type Session, type TaskSnapshot } from "@meanwhile/core";
import { deliveryHeader, endingId } from "@meanwhile/core/adapters";
import type { Place } from "./place.ts";
import type { RecentIds } from "./recent-ids.ts";

/** Most characters of what is told again at once. */
const mostChars = 8_000;

/**
 * A thread that goes on from an older checkpoint does not hold what another branch of it was told,
 * and what is acknowledged is not received again. So the ends of tasks that this branch's own
 * history started, and never heard of, are told from the tasks themselves. Costs nothing while no
 * branch was left.
 *
 * @param known ids of the notifications that this branch holds or is being told
 */
export async function tellAgain(
  session: Session,
  messages: readonly BaseMessage[],
  known: ReadonlySet<string>,
  options: { readonly acknowledged: RecentIds; readonly place: Place },
): Promise<{ readonly ids: readonly string[]; readonly text: string } | undefined> {
  const { acknowledged, place } = options;
  const missing = unheardOf(messages, known).filter(
    (id) =>
      acknowledged.has(endingId(id)) ||
      // From a checkpoint that was named, it may be what another process acknowledged; or it is
      // still owed, and comes by itself.
      (place.isAddressed && session.notifications.pending() === 0),
  );
  const ids: string[] = [];
  let text = deliveryHeader;
  for (const id of missing) {
    if (!(await hasEnded(session, id))) continue;
    const whole = `\n${await read(session, id)}`;
    const isLong = text.length + whole.length > mostChars && ids.length > 0;
    text += isLong ? `\nTask ${id} has ended: read it with read_task.` : whole;
    ids.push(endingId(id));
  }
  return ids.length === 0 ? undefined : { ids, text };
}

/** Tasks that tools have started, or spoken of, in these messages, but whose end they do not tell. */
function unheardOf(messages: readonly BaseMessage[], known: ReadonlySet<string>): string[] {
  const tasks = new Set<string>();
  const ended = new Set<string>();
  for (const message of messages) {
    if (!ToolMessage.isInstance(message)) continue;
    const artifact: unknown = message.artifact;
    if (typeof artifact !== "object" || artifact === null || !("taskId" in artifact)) continue;
    if (typeof artifact.taskId !== "string" || known.has(endingId(artifact.taskId))) continue;
    tasks.add(artifact.taskId);
    if ("ended" in artifact && artifact.ended === true) ended.add(artifact.taskId);
  }
  return [...tasks.difference(ended)];
}

async function hasEnded(session: Session, id: string): Promise<boolean> {
  try {
    const { status }: TaskSnapshot = await (await session.get(id)).snapshot();
    return status !== "queued" && status !== "running";
  } catch (error) {
    // Deleted by retention, or of another session.
    if (MeanwhileError.isInstance(error, "UNKNOWN_TASK")) return false;
    throw error;
  }
}

async function read(session: Session, id: string): Promise<string> {
  const tool = session.tools({ definitions: [] }).find(({ name }) => name === "read_task");
  return (await tool?.execute({ task_id: id })) ?? "";
}
