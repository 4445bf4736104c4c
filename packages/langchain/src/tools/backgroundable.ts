import type {
  DynamicStructuredTool,
  DynamicTool,
  StructuredToolInterface,
  ToolRunnableConfig,
} from "@langchain/core/tools";
import { type BackgroundManager, MeanwhileError } from "@meanwhile/core";
import { requireTimer } from "@meanwhile/core/adapters";
import { argumentsOf, type BackgroundFlag, splitFlag, withFlag } from "./background-flag.ts";
import { type CallConfig, runInBackground } from "./run-in-background.ts";

export interface BackgroundableOptions<Mode extends "optional" | "always" = "optional" | "always"> {
  /** Runs the calls, as tasks of the thread in which the tool is called. */
  readonly manager: BackgroundManager;
  /**
   * Who decides: with `"optional"` the model, by an input `background` that the tool gets in
   * addition; with `"always"` every call runs in the background.
   * @default "optional"
   */
  readonly mode?: Mode;
  /**
   * Milliseconds that a call in the background waits for the result before it answers that the
   * task runs on, at most 2147483647. @default 0
   */
  readonly graceMs?: number;
  /** A line for people and models. @default the tool's name */
  readonly title?: string;
}

/**
 * The tool, with the same name, types, `responseFormat`, `returnDirect` and errors, whose calls can
 * run in the background: such a call answers that a task runs, with the artifact
 * `{ taskId, isError: false }`, and the result is told when it is there. The work ends with this
 * process; what must survive that is a definition.
 *
 * @throws MeanwhileError `INVALID_OPTION` for what is no structured tool, or has an input
 * `background` of its own; when it is called, for a call outside of a thread
 */
export function backgroundable<Output, Event>(
  tool: DynamicTool<Output, Event>,
  options: BackgroundableOptions,
): DynamicTool<Output | string, Event>;
export function backgroundable<Schema, Parsed, Input, Output, Event, Name extends string>(
  tool: DynamicStructuredTool<Schema, Parsed, Input, Output, Event, Name>,
  options: BackgroundableOptions<"always"> & { readonly mode: "always" },
): DynamicStructuredTool<Schema, Parsed, Input, Output | string, Event, Name>;
export function backgroundable<Schema, Parsed, Input, Output, Event, Name extends string>(
  tool: DynamicStructuredTool<Schema, Parsed, Input, Output, Event, Name>,
  options: BackgroundableOptions<"optional">,
): DynamicStructuredTool<Schema, Parsed, Input & BackgroundFlag, Output | string, Event, Name>;
export function backgroundable<Given extends StructuredToolInterface>(
  tool: Given,
  options: BackgroundableOptions,
): Given;
export function backgroundable(tool: unknown, options: BackgroundableOptions): unknown {
  const given = tool as StructuredToolInterface;
  const { manager, mode = "optional", graceMs = 0, title = given.name } = options;
  if (!("_call" in given)) {
    throw new MeanwhileError(
      "INVALID_OPTION",
      "Only a tool with code of its own, as tool() makes it, can run in the background: others are carried out elsewhere.",
    );
  }
  requireTimer("graceMs", graceMs);

  const invoke = (call: unknown, config?: ToolRunnableConfig): Promise<unknown> => {
    const { flag, rest } = mode === "always" ? { flag: true, rest: call } : splitFlag(call);
    if (!flag) return given.invoke(rest as never, config);
    // The tool itself takes the call, so that it is checked, traced and answered as any other.
    const starting = inherit(given, {
      responseFormat: "content_and_artifact",
      _call: (_parsed: unknown, _run: unknown, own: CallConfig) =>
        runInBackground(given, argumentsOf(rest), own, { manager, graceMs, title }),
    });
    return starting.invoke(rest as never, config);
  };
  return inherit(given, {
    ...(mode === "always"
      ? { description: alwaysDescription(given.description) }
      : { schema: withFlag(given) }),
    invoke,
    call: invoke,
  });
}

/** The same object but for some properties: all that others know of it stays as it is. */
function inherit(
  given: StructuredToolInterface,
  properties: Readonly<Record<string, unknown>>,
): StructuredToolInterface {
  const descriptors = Object.entries(properties).map(([name, value]) => [
    name,
    { value, enumerable: true, writable: true, configurable: true },
  ]);
  return Object.create(given, Object.fromEntries(descriptors)) as StructuredToolInterface;
}

function alwaysDescription(given: string): string {
  return `${given} Runs in the background: you are notified when it ends, so go on and do not poll.`.trim();
}
