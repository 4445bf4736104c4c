import { BaseMessage, ToolMessage } from "@langchain/core/messages";
import { isCommand } from "@langchain/langgraph";
import { MeanwhileError } from "@meanwhile/core";

/**
 * What a tool's output is for a model, as plain text: a notification has no room for more.
 *
 * @throws Error for an output that says the call failed; MeanwhileError `ERROR` for a `Command`
 */
export function modelText(output: unknown): string {
  if (BaseMessage.isInstance(output)) {
    const text = textOf(output);
    if (ToolMessage.isInstance(output) && output.status === "error") throw new Error(text);
    return text;
  }
  if (isCommand(output)) {
    throw new MeanwhileError(
      "ERROR",
      "The tool returned a Command, which can change the state of the thread only while its call is open. Return a value, or run it in the foreground.",
    );
  }
  return typeof output === "string" ? output : (JSON.stringify(output) ?? "");
}

function textOf({ content }: BaseMessage): string {
  if (typeof content === "string") return content;
  return content
    .map((part) => (part.type === "text" ? String(part["text"]) : `[${part.type}]`))
    .join("\n");
}
