import type { StructuredToolInterface } from "@langchain/core/tools";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import { MeanwhileError } from "@meanwhile/core";

/** What the model may add to the input of a tool that can run in the background. */
export interface BackgroundFlag {
  /** Whether it runs in the background. */
  background?: boolean;
}

const description =
  "Run it in the background: you get a task id now, and are notified when it ends. Go on meanwhile, and do not poll.";

/** The tool's schema with one more property, as the JSON Schema that models are sent anyway. */
export function withFlag({ name, schema }: StructuredToolInterface): Record<string, unknown> {
  const own = toJsonSchema(schema) as { properties?: Record<string, unknown> };
  if (own.properties !== undefined && "background" in own.properties) {
    throw new MeanwhileError(
      "INVALID_OPTION",
      `The tool ${name} has an input \`background\` of its own. Rename that, or use \`mode: "always"\`.`,
    );
  }
  return {
    ...own,
    properties: { ...own.properties, background: { type: "boolean", description } },
  };
}

/** Takes the flag out of a call, which is a whole tool call or its arguments alone. */
export function splitFlag(call: unknown): { readonly flag: boolean; readonly rest: unknown } {
  if (!isObject(call)) return { flag: false, rest: call };
  if (call["type"] === "tool_call" && isObject(call["args"])) {
    const { flag, rest } = splitFlag(call["args"]);
    return { flag, rest: { ...call, args: rest } };
  }
  const { background, ...rest } = call;
  return { flag: background === true, rest };
}

/** The arguments of a call, which is a whole tool call or its arguments alone. */
export function argumentsOf(call: unknown): unknown {
  return isObject(call) && call["type"] === "tool_call" ? call["args"] : call;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
