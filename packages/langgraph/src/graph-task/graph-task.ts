import { HumanMessage } from "@langchain/core/messages";
import {
  type AnyDefinition,
  type BackgroundManager,
  defineTask,
  MeanwhileError,
  type RetryOptions,
  type StandardSchema,
  type TaskContext,
  type TaskDefinition,
} from "@meanwhile/core";
import { clearSession } from "@meanwhile/core/adapters";
import { inTurn } from "../run/in-turn.ts";
import type { RunConfig } from "../run/runner.ts";
import { requireCheckpointer, type ThreadGraph } from "../run/thread-graph.ts";
import type { ThreadState } from "../thread/state.ts";
import { graphSession } from "./graph-session.ts";
import { lastAnswer } from "./last-answer.ts";
import { type AnswerQuestion, runToEnd } from "./run-to-end.ts";

export interface GraphTaskOptions<Output> {
  /** See `TaskDefinition`; the tool's name for the model, where `toolName` gives no other. */
  readonly name: string;
  /** Shown to the model that starts it: what the graph can do. */
  readonly description: string;
  /** The manager that runs it, which is made with this definition: `() => manager`. */
  readonly manager: () => BackgroundManager;
  /**
   * A compiled graph with a checkpointer, or what makes it: called once, when the first such task
   * runs, since a graph whose nodes use the manager can only be made when there is one.
   */
  readonly graph: ThreadGraph | (() => ThreadGraph);
  /** Configuration of every run; the thread is the task's own. @default { durability: "sync" } */
  readonly config?: RunConfig;
  /** What of the final state is the task's result. @default the text of the last answer */
  readonly result?: (state: Readonly<Record<string, unknown>>) => Output | Promise<Output>;
  /**
   * Answers what the graph asks a person by `interrupt`, as the value of its `resume`. Meanwhile the
   * task has no slot, and its timeout stands still.
   * @default such a question fails the task
   */
  readonly answer?: AnswerQuestion;
  readonly toolName?: string;
  /** Milliseconds for one attempt, but for those in which it waits. @default none */
  readonly timeoutMs?: number;
  /** A further attempt goes on from the checkpoint. @default no failed attempt is tried again */
  readonly retry?: RetryOptions;
}

/** With an input of your own. */
export interface GraphTaskWithInput<Input, Parsed, Output> extends GraphTaskOptions<Output> {
  /** Any Standard Schema. @default an object with a `prompt` */
  readonly input: StandardSchema<Input, Parsed>;
  /** What the graph is invoked with. */
  readonly toInput: (input: Parsed) => unknown;
}

export interface PromptInput {
  readonly prompt: string;
}

/**
 * A graph as a task, on a thread of its own: it runs until it is idle, the background tasks that it
 * started included, which report to it and not to who started the graph. After a crash it goes on
 * from its checkpoint. When it ends, its tasks that are still open are cancelled.
 *
 * @throws MeanwhileError `INVALID_DEFINITION`; `INVALID_OPTION` for a graph without a checkpointer,
 * which fails the task where the graph is made later
 */
export function graphTask<Output = string>(
  options: GraphTaskOptions<Output> & { readonly input?: never; readonly toInput?: never },
): TaskDefinition<PromptInput, Output, PromptInput>;
export function graphTask<Input, Parsed, Output = string>(
  options: GraphTaskWithInput<Input, Parsed, Output>,
): TaskDefinition<Input, Output, Parsed>;
export function graphTask(
  options: GraphTaskOptions<unknown> & {
    readonly input?: StandardSchema;
    readonly toInput?: (input: never) => unknown;
  },
): AnyDefinition {
  const {
    manager,
    graph: given,
    config = {},
    answer,
    result = (state: ThreadState) => lastAnswer(state),
    input,
    toInput = ({ prompt }: PromptInput) => ({ messages: [new HumanMessage(prompt)] }),
    ...definition
  } = options;
  if (typeof given !== "function") requireCheckpointer(given);
  let made: ThreadGraph | undefined;
  const attempts = definition.retry?.attempts ?? 1;

  /** Each attempt goes on from where the thread stands: the first one, and one after a crash. */
  async function run(value: unknown, context: TaskContext): Promise<unknown> {
    const { task, signal } = context;
    made ??= typeof given === "function" ? given() : given;
    const graph = made;
    requireCheckpointer(graph);
    const session = manager().session(graphSession(task.id));
    let isOver = false;
    try {
      // Its turn is kept until its end: nobody else speaks in this session, and no wake begins there.
      const state = await inTurn(manager(), session, signal, () =>
        runToEnd({ manager: manager(), session, graph, config, answer, context }, () =>
          toInput(value as never),
        ),
      );
      const output = await result(state as Readonly<Record<string, unknown>>);
      isOver = true;
      return output;
    } finally {
      const isLast =
        task.attempt >= attempts && !MeanwhileError.isInstance(signal.reason, "CLOSED");
      if (isOver || isLast || MeanwhileError.isInstance(signal.reason, "CANCELLED")) {
        await clearSession(session, "the graph that started it has ended");
      }
    }
  }

  return defineTask({
    ...definition,
    ...(input === undefined ? promptInput : { input }),
    run,
    recover: run,
  } as Parameters<typeof defineTask>[0]);
}

const promptInput = {
  input: {
    type: "object",
    properties: { prompt: { type: "string", description: "What the graph is to do." } },
    required: ["prompt"],
    additionalProperties: false,
  },
  title: ({ prompt }: PromptInput) => prompt,
};
