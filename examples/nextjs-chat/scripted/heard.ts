import type { LanguageModel } from "ai";

type Model = Extract<LanguageModel, { specificationVersion: "v4" }>;
type Prompt = Parameters<Model["doStream"]>[0]["prompt"];

/** One thing in a conversation, as a script sees it. */
export type Heard =
  | { readonly from: "user" | "agent"; readonly text: string }
  | { readonly from: "tool"; readonly tool: string; readonly text: string }
  | {
      readonly from: "task";
      readonly kind: string;
      readonly name: string;
      readonly title: string;
      readonly text: string;
    };

/** The conversation, with the notifications about tasks apart from what the user said. */
export function hear(prompt: Prompt): Heard[] {
  return prompt.flatMap(heardOf);
}

function heardOf(message: Prompt[number]): Heard[] {
  switch (message.role) {
    case "system":
      return [];
    case "user":
      return message.content.flatMap((part) => (part.type === "text" ? heardIn(part.text) : []));
    case "assistant":
      return [{ from: "agent", text: message.content.map(textOf).join("") }];
    case "tool":
      return message.content.flatMap((part) =>
        part.type === "tool-result"
          ? [{ from: "tool" as const, tool: part.toolName, text: outputOf(part.output) }]
          : [],
      );
  }
}

/** What came behind the agent's last words: what it has to answer. */
export function unanswered(heard: readonly Heard[]): readonly Heard[] {
  return heard.slice(heard.findLastIndex(({ from }) => from === "agent") + 1);
}

function heardIn(text: string): Heard[] {
  if (!text.startsWith("[Automatic notifications")) return [{ from: "user", text }];
  return text
    .split(/^(?=<task-notification )/m)
    .slice(1)
    .map((notification) => ({
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

function textOf(part: { readonly type: string; readonly text?: unknown }): string {
  return part.type === "text" && typeof part.text === "string" ? part.text : "";
}

function outputOf(output: { readonly type: string; readonly value?: unknown }): string {
  return typeof output.value === "string" ? output.value : JSON.stringify(output.value ?? "");
}
