import type { Session } from "@meanwhile/core";
import type { JSONValue, ToolExecutionOptions } from "ai";
import type { ToolOutcome } from "./model-value.ts";
import type { TaskStarted } from "./task-started.ts";

type CallOptions = ToolExecutionOptions<Record<string, unknown>>;

export type Execute = (input: unknown, options: CallOptions) => unknown;

/** Carries out a tool's calls as tasks. A call gives the tool's own output if that comes soon. */
export function runInBackground(
  session: Session,
  execute: Execute,
  options: {
    readonly graceMs: number;
    readonly title: string;
    readonly modelValue: (outcome: ToolOutcome) => Promise<JSONValue>;
  },
): (input: unknown, call: CallOptions) => Promise<unknown> {
  const { graceMs, title, modelValue } = options;

  return async (input, call) => {
    const { abortSignal, toolCallId } = call;
    let ended: { readonly output: unknown } | { readonly error: unknown } | undefined;
    const task = await session.start(
      async ({ signal }) => {
        try {
          // Not the call's own signal: the work outlives it.
          const output = await lastOf(execute(input, { ...call, abortSignal: signal }));
          ended = { output };
          return await modelValue({ toolCallId, input: input as Record<string, unknown>, output });
        } catch (error) {
          ended = { error };
          throw error;
        }
      },
      { title },
    );
    const started: TaskStarted = {
      type: "background-task",
      taskId: task.id,
      text: `Task ${task.id} (${task.title}) is running in the background. You will be notified when it ends.`,
    };
    if (graceMs === 0) return started;

    const patience = AbortSignal.timeout(Math.ceil(graceMs));
    const until = abortSignal === undefined ? patience : AbortSignal.any([patience, abortSignal]);
    try {
      await task.result({ signal: until });
    } catch (error) {
      // It goes on, and its end will be told.
      if (error === until.reason) return started;
      throw ended !== undefined && "error" in ended ? ended.error : error;
    }
    return ended !== undefined && "output" in ended ? ended.output : started;
  };
}

/** Of a tool that streams preliminary outputs the last one is the result. */
async function lastOf(outcome: unknown): Promise<unknown> {
  if (typeof outcome !== "object" || outcome === null || !(Symbol.asyncIterator in outcome)) {
    return outcome;
  }
  let last: unknown;
  for await (const output of outcome as AsyncIterable<unknown>) last = output;
  return last;
}
