import { Command, type Interrupt, MemorySaver } from "@langchain/langgraph";
import {
  type BackgroundManager,
  MeanwhileError,
  type Session,
  type TaskContext,
} from "@meanwhile/core";
import { begin, runUntilIdle } from "../run/run-until-idle.ts";
import type { RunConfig } from "../run/runner.ts";
import { savedState } from "../run/saved-state.ts";
import type { ThreadGraph } from "../run/thread-graph.ts";
import { type WakePort, type Woken, wakeThread } from "../run/wake-thread.ts";
import { tellingOf } from "../thread/telling.ts";
import { callWithProgress } from "./call-with-progress.ts";

/** Answers what a graph asks; `question` is the value that it interrupted with. */
export type AnswerQuestion = (
  question: unknown,
  context: { readonly taskId: string; readonly signal: AbortSignal },
) => unknown;

export interface GraphRun {
  readonly manager: BackgroundManager;
  /** The graph's own. */
  readonly session: Session;
  readonly graph: ThreadGraph;
  readonly config: RunConfig;
  readonly answer: AnswerQuestion | undefined;
  readonly context: TaskContext;
}

/**
 * Runs a task's graph to its end, from wherever its thread stands, and gives its final state.
 *
 * @param input of the graph, if it has not begun
 */
export async function runToEnd(run: GraphRun, input: () => unknown): Promise<unknown> {
  const { session, graph, context } = run;
  const thread = portFor(run);
  let first = (port: WakePort): Promise<Woken> => goOn(run, port, input);
  for (;;) {
    const { reason } = await runUntilIdle(
      {
        session,
        signal: context.signal,
        turn: (work) => work(thread),
        wait: (work) => context.waiting("its tasks", work),
      },
      first,
    );
    if (reason === "idle") return (await savedState(graph, thread.thread)).values;
    context.signal.throwIfAborted();
    if (reason !== "waiting-for-human" || run.answer === undefined) throw noAnswer(reason);
    const command = await answerAll(run, thread, run.answer);
    first = begin(command);
  }
}

function portFor({ manager, session, graph, config, context }: GraphRun): WakePort {
  const configurable = { ...config.configurable, thread_id: session.id };
  // Saved before the next step begins, so that nothing is done twice after a crash.
  const settings = { durability: "sync", ...config, configurable, signal: context.signal };
  return {
    ...{ graph, session, telling: tellingOf(manager), thread: { configurable } },
    receive: undefined,
    wakeInput: { messages: [] },
    call: callWithProgress(graph, settings, context),
  };
}

async function goOn(
  { graph, config, context }: GraphRun,
  port: WakePort,
  input: () => unknown,
): Promise<Woken> {
  const { isNew } = await savedState(graph, port.thread);
  if (!isNew) return wakeThread(port);
  const hasBegun = (await context.checkpoint.read()) !== undefined;
  const isSavedFirst = (config["durability"] ?? "sync") === "sync";
  if (hasBegun && (graph.checkpointer instanceof MemorySaver || !isSavedFirst)) {
    throw new MeanwhileError(
      "INTERRUPTED",
      'The process that ran the graph died, and nothing was saved from which it could go on. What it had done may have taken effect. With a durable checkpointer, and durability "sync", it would go on.',
    );
  }
  if (!hasBegun) await context.checkpoint.save({ begun: true });
  return begin(input())(port);
}

async function answerAll(
  { graph, context }: GraphRun,
  { thread }: WakePort,
  answer: AnswerQuestion,
): Promise<Command> {
  const { tasks } = await savedState(graph, thread);
  const questions: Interrupt[] = tasks.flatMap(({ interrupts }) => interrupts);
  const { signal, task } = context;
  const answers: [id: string | undefined, value: unknown][] = [];
  for (const { id, value } of questions) {
    const given = await context.waiting("an answer", () =>
      answer(value, { taskId: task.id, signal }),
    );
    answers.push([id, given]);
  }
  const [only] = answers;
  const resume = answers.length === 1 ? only?.[1] : Object.fromEntries(answers);
  return new Command({ resume });
}

function noAnswer(reason: string): MeanwhileError {
  return new MeanwhileError(
    "ERROR",
    reason === "waiting-for-human"
      ? "The graph asks a person, and nobody can answer it here. Give graphTask an answer function, or a graph that asks nobody."
      : `The graph ended without a result (${reason}).`,
  );
}
