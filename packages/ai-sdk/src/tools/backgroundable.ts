import { MeanwhileError, type Session } from "@meanwhile/core";
import { requireTimer } from "@meanwhile/core/adapters";
import type { Tool } from "ai";
import { type BackgroundFlag, splitFlag, withFlag } from "./background-flag.ts";
import { modelValue } from "./model-value.ts";
import { type Execute, runInBackground } from "./run-in-background.ts";
import { isTaskStarted, type TaskStarted } from "./task-started.ts";

export interface BackgroundableOptions<Mode extends "optional" | "always"> {
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
  /** A line for people and models. @default the tool's title, or its description */
  readonly title?: string;
}

export interface Backgroundable {
  /**
   * The tool, with the same types, approval, streaming inputs and `toModelOutput`, whose calls can
   * run in the background: such a call answers with a `TaskStarted`, and the result is told when
   * it is there. The work ends with this process; what must survive that is a definition.
   * @throws MeanwhileError `INVALID_OPTION` for a tool without `execute`
   */
  <Input, Output, Context>(
    tool: Tool<Input, Output, Context>,
    options: BackgroundableOptions<"always"> & { readonly mode: "always" },
  ): Tool<Input, Output | TaskStarted, Context>;
  <Input, Output, Context>(
    tool: Tool<Input, Output, Context>,
    options?: BackgroundableOptions<"optional">,
  ): Tool<Input & BackgroundFlag, Output | TaskStarted, Context>;
}

/** A tool of whose types nothing is known here. */
type AnyTool = Tool<Record<string, unknown>, unknown, Record<string, unknown>>;

export function createBackgroundable(session: Session): Backgroundable {
  return ((given: AnyTool, options: BackgroundableOptions<"optional" | "always"> = {}): AnyTool => {
    const { mode = "optional", graceMs = 0, title } = options;
    const execute = given.execute as Execute | undefined;
    if (execute === undefined) {
      throw new MeanwhileError(
        "INVALID_OPTION",
        "Only a tool with `execute` can run in the background: others are carried out elsewhere.",
      );
    }
    requireTimer("graceMs", graceMs);
    const always = mode === "always";
    const own = (input: unknown) => (always ? { flag: true, rest: input } : splitFlag(input));
    const start = runInBackground(session, execute, {
      graceMs,
      title: title ?? titleOf(given),
      modelValue: (call) => modelValue(given, call),
    });
    // The output is not always the tool's own, so its schema cannot stay.
    const { outputSchema: _, ...kept } = given;
    const { onInputAvailable, needsApproval, toModelOutput, description } = given;

    return {
      ...kept,
      ...(always
        ? { description: alwaysDescription(description) }
        : { inputSchema: withFlag(given.inputSchema, given.strict === true) }),
      ...(onInputAvailable && {
        onInputAvailable: (event: Parameters<typeof onInputAvailable>[0]) =>
          onInputAvailable({ ...event, input: own(event.input).rest as Record<string, unknown> }),
      }),
      ...(typeof needsApproval === "function" && {
        needsApproval: (input: unknown, event: never) =>
          needsApproval(own(input).rest as Record<string, unknown>, event),
      }),
      execute: (input: unknown, call: Parameters<Execute>[1]) => {
        const { flag, rest } = own(input);
        return flag ? start(rest, call) : execute(rest, call);
      },
      toModelOutput: async (event: { toolCallId: string; input: unknown; output: unknown }) => {
        const { output } = event;
        if (isTaskStarted(output)) return { type: "text", value: output.text };
        const input = own(event.input).rest as Record<string, unknown>;
        if (toModelOutput !== undefined) return toModelOutput({ ...event, input });
        // As the AI SDK does it for a tool that leaves it out.
        if (typeof output === "string") return { type: "text", value: output };
        return { type: "json", value: await modelValue(given, { ...event, input }) };
      },
    } as unknown as AnyTool;
  }) as unknown as Backgroundable;
}

function titleOf({ title, description }: AnyTool): string {
  return title ?? (typeof description === "string" ? description : "tool");
}

type Description = AnyTool["description"];

function alwaysDescription(given: Description): Description {
  const add = (text = ""): string =>
    `${text} Runs in the background: you are notified when it ends, so go on and do not poll.`.trim();
  return typeof given === "function" ? (options) => add(given(options)) : add(given);
}
