import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { isIdList, type ThreadState } from "./state.ts";

/** The key under which a message says which notifications it tells. */
const key = "meanwhile";

/** The message that tells notifications. Its id follows from theirs, so it is never there twice. */
export function toldMessage(ids: readonly string[], text: string): HumanMessage {
  return new HumanMessage({
    id: `meanwhile-${ids.join("+")}`,
    content: text,
    additional_kwargs: { [key]: { notifications: [...ids] } },
  });
}

/** Ids of the notifications that a message tells; none for a message of another kind. */
export function notificationsIn(message: BaseMessage): readonly string[] {
  const marked: unknown = message.additional_kwargs?.[key];
  if (typeof marked !== "object" || marked === null || !("notifications" in marked)) return [];
  return isIdList(marked.notifications) ? marked.notifications : [];
}

/**
 * Ids of all that a thread's state says it was told: by its channel, and by its messages, which a
 * sub-graph hands to its parent.
 */
export function toldIn(state: ThreadState | undefined): Set<string> {
  const ids = new Set(isIdList(state?._meanwhile) ? state._meanwhile : []);
  for (const message of state?.messages ?? [])
    for (const id of notificationsIn(message)) ids.add(id);
  return ids;
}

/** Those of them that the model has answered, or that were condensed since. */
export function answeredIn(state: ThreadState | undefined): Set<string> {
  const messages = state?.messages ?? [];
  const last = messages.findLastIndex((message) => AIMessage.isInstance(message));
  const unanswered = toldIn({ messages: messages.slice(last + 1) });
  return toldIn(state).difference(unanswered);
}
