import { MeanwhileError, type ToolAnswer } from "@meanwhile/core";
import { abortable } from "./abortable.ts";
import type { LoopTool } from "./loop-tool.ts";

export interface CallOptions {
  /** Ends the wait for the tool; the answer then says so. */
  readonly signal?: AbortSignal;
}

/** Runs a tool by its name. Never throws: whatever goes wrong is answered with an error text. */
export type CallTool = (name: string, input: unknown, options?: CallOptions) => Promise<ToolAnswer>;

/** @throws MeanwhileError `INVALID_OPTION` when two tools have one name. */
export function createCallTool(tools: readonly LoopTool[]): CallTool {
  const byName = new Map<string, LoopTool>();
  for (const tool of tools) {
    if (byName.has(tool.name)) {
      throw new MeanwhileError(
        "INVALID_OPTION",
        `Two tools have the name "${tool.name}". Give each tool a name of its own.`,
      );
    }
    byName.set(tool.name, tool);
  }

  return async function callTool(name, input, options = {}) {
    const tool = byName.get(name);
    if (tool === undefined) {
      const names = [...byName.keys()].join(", ");
      return failure(`There is no tool ${quote(name)}. The tools are: ${names}.`);
    }
    const parsed = parseArguments(input);
    if ("problem" in parsed) return failure(parsed.problem);
    const { signal } = options;
    try {
      signal?.throwIfAborted();
      return await answer(tool, parsed.value, signal);
    } catch (error) {
      if (signal?.aborted) {
        return failure(
          "The call was aborted before it answered. What it had begun may have taken effect.",
        );
      }
      return failure(`The tool failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

async function answer(
  tool: LoopTool,
  input: object,
  signal: AbortSignal | undefined,
): Promise<ToolAnswer> {
  const options = signal === undefined ? {} : { signal };
  if (tool.call !== undefined) {
    // Not cut short: an answer with a result has acknowledged it, and must arrive.
    const given = await tool.call(input, options);
    return { ...given, text: present(given.text) };
  }
  const result = await abortable(async () => tool.execute(input, options), signal);
  const text = typeof result === "string" ? result : (JSON.stringify(result) ?? "");
  return { text: present(text), isError: false };
}

type Parsed = { readonly value: object } | { readonly problem: string };

function parseArguments(input: unknown): Parsed {
  let value = input;
  if (typeof value === "string") {
    try {
      // A call without arguments comes as an empty text from some models.
      value = value.trim() === "" ? {} : JSON.parse(value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { problem: `The arguments are not valid JSON (${reason}). Send one JSON object.` };
    }
  }
  if (value === undefined || value === null) return { value: {} };
  if (typeof value !== "object" || Array.isArray(value)) {
    return { problem: "The arguments must be one JSON object." };
  }
  return { value };
}

/** No provider can be relied on to take an empty text. */
function present(text: string): string {
  return text === "" ? "(no output)" : text;
}

function failure(text: string): ToolAnswer {
  return { text, isError: true };
}

function quote(name: unknown): string {
  return JSON.stringify(String(name).slice(0, 100));
}
