import {
  type AnyDefinition,
  MeanwhileError,
  type Session,
  type TaskDefinition,
  type Tool as TaskTool,
  type ToolsOptions as TaskToolsOptions,
  type ToolAnswer,
} from "@meanwhile/core";
import { jsonSchema, type Tool, type ToolSet, tool } from "ai";

/** The tools that every session has, beside one for each definition. */
export type TaskTools = {
  list_tasks: Tool<{ all?: boolean }, ToolAnswer>;
  read_task: Tool<{ task_id: string; after?: number }, ToolAnswer>;
  wait_for_task: Tool<{ task_id: string; timeout_seconds?: number }, ToolAnswer>;
  send_to_task: Tool<{ task_id: string; text: string }, ToolAnswer>;
  watch_task: Tool<{ task_id: string; pattern: string }, ToolAnswer>;
  cancel_task: Tool<{ task_id: string; reason?: string }, ToolAnswer>;
};

/** One tool for each definition, under its key. */
export type DefinitionTools<Definitions extends Readonly<Record<string, AnyDefinition>>> = {
  [Name in keyof Definitions & string]: Definitions[Name] extends TaskDefinition<
    infer Input,
    infer _Output,
    infer _Parsed
  >
    ? Tool<Input, ToolAnswer>
    : never;
};

/** Which tools a session has. */
export interface ToolsOptions<Definitions> extends Pick<TaskToolsOptions, "graceMs"> {
  /**
   * What the model may start: `{ research, report }`, so that TypeScript knows the tools by these
   * names; or a list.
   * @default the manager's `tasks`
   */
  readonly definitions?: Definitions;
}

export interface CreateTools {
  /** Tools of the given names, all typed. @throws MeanwhileError as `session.tools` */
  <const Definitions extends Readonly<Record<string, AnyDefinition>>>(
    options: ToolsOptions<Definitions> & { readonly definitions: Definitions },
  ): TaskTools & DefinitionTools<Definitions>;
  /** Tools under the definitions' own names. @throws MeanwhileError as `session.tools` */
  (options?: ToolsOptions<readonly AnyDefinition[]>): TaskTools & ToolSet;
}

export function createTools(session: Session): CreateTools {
  return ((options: ToolsOptions<unknown> = {}) => {
    const { definitions, ...rest } = options;
    if (definitions === undefined || Array.isArray(definitions)) {
      const tools = session.tools(options as TaskToolsOptions);
      return Object.fromEntries(tools.map((one) => [one.name, toTool(one)]));
    }
    const named = Object.entries(definitions as Readonly<Record<string, AnyDefinition>>);
    const tools = session.tools({ ...rest, definitions: named.map(([, one]) => one) });
    const names = tools.map((one, index) => named[index]?.[0] ?? one.name);
    refuseTwice(names);
    return Object.fromEntries(tools.map((one, index) => [names[index], toTool(one)]));
  }) as CreateTools;
}

function toTool(from: TaskTool): Tool<unknown, ToolAnswer> {
  return tool({
    description: from.description,
    // Core checks the input, and tells the model how to mend it.
    inputSchema: jsonSchema<unknown>(from.inputSchema as Parameters<typeof jsonSchema>[0]),
    execute: (input: unknown, { abortSignal }): Promise<ToolAnswer> =>
      from.call(input, abortSignal === undefined ? {} : { signal: abortSignal }),
    toModelOutput: ({ output: { text, isError } }) => ({
      type: isError ? "error-text" : "text",
      value: text,
    }),
  });
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new MeanwhileError(
    "INVALID_DEFINITION",
    `Two tools would have the name ${twice}. Give the definition another key.`,
  );
}
