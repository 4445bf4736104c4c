import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";

/** One thing in a conversation, as a script sees it. */
export type Heard =
  | { readonly from: "user" | "agent"; readonly text: string }
  | { readonly from: "tool"; readonly tool: string; readonly text: string }
  /** What still runs, told again after the conversation was condensed. */
  | { readonly from: "reminder"; readonly text: string }
  | {
      readonly from: "task";
      readonly kind: string;
      readonly name: string;
      readonly title: string;
      readonly text: string;
    };

/** The conversation, with the notifications about tasks apart from what the user said. */
export function hear(messages: readonly BaseMessage[]): Heard[] {
  const tools = new Map<string, string>();
  return messages.flatMap((message): Heard[] => {
    if (HumanMessage.isInstance(message)) return heardIn(message.text);
    if (AIMessage.isInstance(message)) {
      for (const { id, name } of message.tool_calls ?? []) tools.set(id ?? "", name);
      return [{ from: "agent", text: message.text }];
    }
    if (!ToolMessage.isInstance(message)) return [];
    const tool = message.name ?? tools.get(message.tool_call_id) ?? "";
    return [{ from: "tool", tool, text: message.text }];
  });
}

/** What came behind the agent's last words: what it has to answer. */
export function unanswered(heard: readonly Heard[]): readonly Heard[] {
  return heard.slice(heard.findLastIndex(({ from }) => from === "agent") + 1);
}

function heardIn(text: string): Heard[] {
  if (!text.startsWith("[Automatic notifications")) return [{ from: "user", text }];
  const notifications = text.split(/^(?=<task-notification )/m).slice(1);
  if (notifications.length === 0) return [{ from: "reminder", text }];
  return notifications.map((notification) => ({
    from: "task" as const,
    kind: attribute(notification, "kind"),
    name: attribute(notification, "name"),
    title: attribute(notification, "title"),
    text: notification.slice(notification.indexOf("\n") + 1),
  }));
}

function attribute(notification: string, name: string): string {
  return new RegExp(` ${name}="([^"]*)"`).exec(notification)?.[1] ?? "";
}
