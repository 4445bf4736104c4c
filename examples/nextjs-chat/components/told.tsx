import type { ReactNode } from "react";
import type { ChatMessage } from "../agent/chat-message.ts";

type Steering = Extract<ChatMessage["parts"][number], { type: "steering-message" }>;

/** What the agent was told of its tasks, to be looked at. */
export function Told({ part }: { readonly part: Steering }): ReactNode {
  const text = part.parts.flatMap((one) => (one.type === "text" ? [one.text] : [])).join("\n");
  return (
    <details className="told">
      <summary>News from the background</summary>
      <pre>{text}</pre>
    </details>
  );
}
