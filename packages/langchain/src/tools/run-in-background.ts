import type { StructuredToolInterface, ToolRunnableConfig } from "@langchain/core/tools";
import type { BackgroundManager, TaskContext, TaskSnapshot } from "@meanwhile/core";
import { callKey, threadSession } from "@meanwhile/langgraph";
import { modelText } from "./model-text.ts";

/** What a tool gets as its second argument: LangGraph and agents put more into the config. */
export type CallConfig = ToolRunnableConfig & {
  readonly store?: unknown;
  readonly state?: unknown;
};

/** A tool's answer, with what is for the program and not for the model. */
type Answer = [content: unknown, artifact: unknown];

/** Starts one call of a tool as a task of the thread. Gives the tool's own output if it is soon. */
export async function runInBackground(
  given: StructuredToolInterface,
  args: unknown,
  config: CallConfig,
  options: {
    readonly manager: BackgroundManager;
    readonly graceMs: number;
    readonly title: string;
  },
): Promise<Answer> {
  const { manager, graceMs, title } = options;
  const idempotencyKey = callKey(config);
  let hasBegun = false;
  let ended: { readonly output: unknown } | { readonly error: unknown } | undefined;
  const task = await threadSession(manager, config).start(
    async (context) => {
      hasBegun = true;
      try {
        const call = { type: "tool_call", id: callId(config, context), name: given.name, args };
        const output: unknown = await given.invoke(call as never, detached(config, context));
        ended = { output };
        return modelText(output);
      } catch (error) {
        ended ??= { error };
        throw error;
      }
    },
    { title, ...(idempotencyKey !== undefined && { idempotencyKey }) },
  );
  // A call that is made again, as after a crash, finds the task that the first one has started.
  const isOver = !hasBegun && isTerminal(await task.snapshot());
  const started: Answer = [
    `Task ${task.id} (${task.title}) is running in the background. You will be notified when it ends.`,
    { taskId: task.id, isError: false },
  ];
  if (graceMs === 0 && !isOver) return started;

  const patience = AbortSignal.timeout(Math.ceil(graceMs));
  const { signal } = config;
  const until = signal === undefined ? patience : AbortSignal.any([patience, signal]);
  let text: string;
  try {
    text = await task.result(isOver ? {} : { signal: until });
  } catch (error) {
    // It goes on, and its end will be told.
    if (error === until.reason) return started;
    if (ended !== undefined && "output" in ended) return [ended.output, undefined];
    throw ended?.error ?? error;
  }
  if (ended !== undefined && "output" in ended) return [ended.output, undefined];
  return [text, { taskId: task.id, isError: false, ended: true }];
}

function isTerminal({ status }: TaskSnapshot): boolean {
  return status !== "queued" && status !== "running";
}

/**
 * Of the call only values: its signal, callbacks and checkpointer are the run's, which the work
 * outlives. What the tool streams becomes the task's output.
 */
function detached({ context, store, state, ...config }: CallConfig, task: TaskContext): object {
  const own = { signal: task.signal };
  return {
    ...own,
    config: own,
    context,
    store,
    state,
    toolCallId: callId(config, task),
    writer: (chunk: unknown) => {
      const text = typeof chunk === "string" ? chunk : `${JSON.stringify(chunk)}\n`;
      // Of a task that has ended nobody reads on.
      task.write(text).catch(() => {});
    },
  };
}

function callId(config: CallConfig, { task }: TaskContext): string {
  return config.toolCall?.id ?? task.id;
}
