import { MeanwhileError } from "../errors.ts";
import type { Engine } from "../manager/engine.ts";
import type { Session } from "../manager/session.ts";
import { renderOutput } from "../render/render-output.ts";
import { parseInput } from "../schema/parse-input.ts";
import type { JsonSchema, StandardSchema } from "../schema/standard-schema.ts";
import { toTaskError } from "../task/task-error.ts";
import type { Tool, ToolAnswer, ToolCallOptions } from "./tool.ts";

/** What a tool works on. */
export interface ToolPort {
  readonly engine: Engine;
  readonly session: Session;
}

/** A tool that never throws: whatever goes wrong is answered in words. */
export function makeTool<Input>(
  { engine }: ToolPort,
  tool: {
    readonly name: string;
    readonly description: string;
    readonly inputSchema: JsonSchema;
    /** What the input is checked against. @default inputSchema */
    readonly check?: StandardSchema | JsonSchema | null;
    readonly answer: (
      input: Input,
      signal: AbortSignal | undefined,
      idempotencyKey: string | undefined,
    ) => Promise<ToolAnswer>;
  },
): Tool {
  const { name, description, inputSchema, check = inputSchema } = tool;

  async function call(
    input: unknown,
    { signal, idempotencyKey }: ToolCallOptions = {},
  ): Promise<ToolAnswer> {
    try {
      signal?.throwIfAborted();
      const given = input === undefined || input === null ? {} : input;
      const checked = check === null ? given : await parseInput(check, given);
      return await tool.answer(checked as Input, signal, idempotencyKey);
    } catch (error) {
      // It may repeat what was asked for, or what a program said.
      const { text } = renderOutput(errorText(name, error), {
        maxChars: 8_000,
        redact: engine.options.redact,
      });
      return { text, isError: true };
    }
  }

  return {
    name,
    description,
    inputSchema,
    call,
    execute: async (input, options) => (await call(input, options)).text,
  };
}

function errorText(name: string, error: unknown): string {
  if (MeanwhileError.isInstance(error)) return `Error (${error.code}): ${error.message}`;
  if (error instanceof DOMException && error.name === "AbortError") {
    return `Error: the call of ${name} was aborted. Tasks that were started go on.`;
  }
  return `Error: ${name} could not be carried out: ${toTaskError(error).message}`;
}

/** The id of a task, as every tool that takes one names it. */
export const taskIdSchema: JsonSchema = { type: "string", description: "Id of a task." };
