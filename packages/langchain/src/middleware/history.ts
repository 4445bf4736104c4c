import { type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import type { Session } from "@meanwhile/core";
import { deliveryHeader, endedTask } from "@meanwhile/core/adapters";
import { digestOf } from "../history/prefix.ts";

/** What a history said of tasks. */
export interface Remembered {
  /** Of its first message: another one means that the history was condensed. */
  readonly first: string;
  /** Ids of tasks that it spoke of, the newest. */
  readonly tasks: readonly string[];
}

const mostTasks = 500;

/** What the history says now. */
export function remember(messages: readonly BaseMessage[]): Remembered {
  return {
    first: digestOf(messages.slice(0, 1)),
    tasks: [...new Set(messages.flatMap(tasksIn))].slice(-mostTasks),
  };
}

export function isSame(one: Remembered | undefined, other: Remembered): boolean {
  return (
    one !== undefined &&
    one.first === other.first &&
    one.tasks.length === other.tasks.length &&
    one.tasks.every((id, index) => id === other.tasks[index])
  );
}

/**
 * Announces the live tasks again when the history was condensed and does not speak of all of them
 * any more. Costs nothing while it was not.
 *
 * @param unread whether results that were not read are named too: where nothing else tells them
 */
export async function announcement(
  session: Session,
  before: Remembered | undefined,
  now: Remembered,
  { unread }: { readonly unread: boolean },
): Promise<HumanMessage | undefined> {
  if (before === undefined) return undefined;
  const spokenOf = new Set(now.tasks);
  const lost = before.tasks.filter((id) => !spokenOf.has(id));
  if (lost.length === 0 && before.first === now.first) return undefined;
  const text = await session.describe({ unread });
  const open = await session.list({ status: ["queued", "running"] });
  const isNews = open.some(({ id }) => !spokenOf.has(id)) || lost.some((id) => text.includes(id));
  if (text === "" || !isNews) return undefined;
  return new HumanMessage({
    content: `${deliveryHeader}\nThe conversation was condensed. ${text}`,
    additional_kwargs: { meanwhile: { tasks: [...open.map(({ id }) => id), ...lost] } },
  });
}

function tasksIn(message: BaseMessage): readonly string[] {
  const artifact: unknown = ToolMessage.isInstance(message) ? message.artifact : undefined;
  const started = fieldOf(artifact, "taskId");
  const marked = message.additional_kwargs?.["meanwhile"];
  return [
    ...(typeof started === "string" ? [started] : []),
    ...textsOf(fieldOf(marked, "tasks")),
    ...textsOf(fieldOf(marked, "notifications")).flatMap((id) => endedTask(id) ?? []),
  ];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
