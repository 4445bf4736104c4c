import type { JSONValue, Tool } from "ai";

export interface ToolOutcome {
  readonly toolCallId: string;
  readonly input: Record<string, unknown>;
  readonly output: unknown;
}

/** What a tool's output is for a model, as plain JSON: a notification has no room for more. */
export async function modelValue(
  { toModelOutput }: Pick<Tool<Record<string, unknown>, unknown>, "toModelOutput">,
  outcome: ToolOutcome,
): Promise<JSONValue> {
  if (toModelOutput === undefined) return toJson(outcome.output);
  const shown = await toModelOutput(outcome);
  if (shown.type === "content") {
    return shown.value
      .map((part) => (part.type === "text" ? part.text : `[${part.type}]`))
      .join("\n");
  }
  return "value" in shown ? toJson(shown.value) : toJson(outcome.output);
}

function toJson(value: unknown): JSONValue {
  const json = JSON.stringify(value);
  return json === undefined ? null : (JSON.parse(json) as JSONValue);
}
