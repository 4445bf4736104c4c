import type { BackgroundManager, ReceiveOptions, WakeOptions } from "@meanwhile/core";
import { isGraphSession } from "../graph-task/graph-session.ts";
import { tellingOf } from "../thread/telling.ts";
import { threadId } from "../thread/thread-session.ts";
import { holdStream } from "./hold-stream.ts";
import { either, inTurn } from "./in-turn.ts";
import { runGraph, settleThread } from "./run-graph.ts";
import { begin, type IdleEnd, type RunLimits, runUntilIdle } from "./run-until-idle.ts";
import { requireCheckpointer, type ThreadGraph } from "./thread-graph.ts";
import { type WakeOutcome, type WakePort, wakeThread } from "./wake-thread.ts";

export interface RunnerOptions {
  readonly manager: BackgroundManager;
  /** Configuration of every run, also of those that the runner begins by itself. */
  readonly config?: RunConfig;
  /** Input of a run that only brings notifications. @default { messages: [] } */
  readonly wakeInput?: unknown;
  /** How much is told at once, and for how long it is leased. @default core's */
  readonly receive?: ReceiveOptions;
}

/** What is read of the configuration of a run; the rest goes to the graph as it is. */
export interface RunConfig {
  readonly configurable?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  readonly [option: string]: unknown;
}

export interface AutoWakeOptions<Output> extends WakeOptions {
  /**
   * Called at the end of each wake, in its turn: to push to a page what was said, or is asked. A wake
   * that throws does not come here; `manager.on("wake-retry", …)` tells of it.
   */
  readonly onWoken?: (woken: WokenThread<Output>) => void | Promise<void>;
}

/** What a wake did. */
export interface WokenThread<Output> {
  readonly threadId: string;
  readonly outcome: WakeOutcome;
  /** What the graph gave; undefined where it was not run. */
  readonly output: Output | undefined;
}

/** Runs the threads of a graph, each as the turns of its session, and acknowledges what they saved. */
export interface Runner<Graph extends ThreadGraph> {
  /**
   * `graph.invoke`, as a turn: two at once come one after the other.
   * @throws what `graph.invoke` throws; MeanwhileError `INVALID_OPTION` without a `thread_id`,
   * `NESTED_TURN` inside a run of the same thread, `CLOSED`
   */
  readonly invoke: Graph["invoke"];
  /**
   * `graph.stream`. The turn ends when the stream was read to its end, has failed, or was left.
   * @throws as `invoke`
   */
  readonly stream: Graph["stream"];
  /**
   * Runs the graph, and again whenever the thread is owed something, until it has come to its end,
   * no task of the thread is open and nothing is owed.
   * @throws what the graph throws; MeanwhileError `INVALID_OPTION`, `CLOSED`
   */
  runUntilIdle(
    input: Parameters<Graph["invoke"]>[0],
    config: Parameters<Graph["invoke"]>[1],
    limits?: RunLimits,
  ): Promise<IdleEnd<Awaited<ReturnType<Graph["invoke"]>>>>;
  /**
   * Does for a thread in which nobody speaks what is to be done: tells what it is owed, and takes up
   * a run that failed. Asks no model when that is nothing.
   * @throws what the graph throws; MeanwhileError `INVALID_OPTION`, `CLOSED`
   */
  wake(threadId: string, options?: { readonly signal?: AbortSignal }): Promise<WakeOutcome>;
  /**
   * Wakes every thread that is owed something, as `manager.onWake`. Returns what ends that.
   * @throws MeanwhileError `INVALID_OPTION`, also when the manager has a wake handler already
   */
  autoWake(options?: AutoWakeOptions<Awaited<ReturnType<Graph["invoke"]>>>): () => void;
  /** Acknowledges what the thread has saved, where runs go past this runner. @throws MeanwhileError */
  commit(threadId: string): Promise<void>;
}

/**
 * A runner for any compiled graph that has a checkpointer, or the `graph` of an agent.
 *
 * @throws MeanwhileError `INVALID_OPTION` for a graph without a checkpointer
 */
export function createRunner<Graph extends ThreadGraph>(
  graph: Graph,
  options: RunnerOptions,
): Runner<Graph> {
  const { manager, config: base = {}, wakeInput = { messages: [] }, receive } = options;
  requireCheckpointer(graph);
  const telling = tellingOf(manager);

  function portFor(config: RunConfig, signal: AbortSignal | undefined): WakePort {
    const { checkpoint_id: _older, checkpoint_ns: _inner, ...place } = config.configurable ?? {};
    const thread = { configurable: place };
    const session = manager.session(threadId(config));
    const run = signal === undefined ? config : { ...config, signal };
    return {
      ...{ graph, session, telling, thread, receive, wakeInput },
      call: (input) => graph.invoke(input, run),
    };
  }

  function turn<Result>(
    config: RunConfig,
    work: (port: WakePort, signal: AbortSignal | undefined) => Promise<Result>,
  ): Promise<Result> {
    const session = manager.session(threadId(config));
    return inTurn(manager, session, config.signal, (signal) =>
      work(portFor(config, signal), signal),
    );
  }

  async function invoke(input: unknown, given?: RunConfig): Promise<unknown> {
    const config = merged(base, given);
    return turn(config, (port) => runGraph(port, () => port.call(input)));
  }

  async function stream(input: unknown, given?: RunConfig): Promise<unknown> {
    const config = merged(base, given);
    const begun = Promise.withResolvers<unknown>();
    const left = Promise.withResolvers<void>();
    const ended = turn(config, (port, signal) =>
      runGraph(port, async () => {
        const over = new AbortController();
        const run = { ...config, signal: either(signal, over.signal) };
        // A run that is aborted is over, also when nobody reads that.
        run.signal.addEventListener("abort", () => left.resolve(), { once: true });
        const chunks = await graph.stream(input, run);
        begun.resolve(
          holdStream(chunks, async () => {
            over.abort();
            await ended;
          }),
        );
        await left.promise;
      }),
    );
    ended.catch(begun.reject);
    return begun.promise;
  }

  const wakeConfig = (id: string, signal: AbortSignal | undefined): RunConfig =>
    merged(base, { configurable: { thread_id: id }, ...(signal && { signal }) });

  const runner: Runner<ThreadGraph> = {
    invoke: invoke as ThreadGraph["invoke"],
    stream: stream as ThreadGraph["stream"],
    async runUntilIdle(input, given, limits = {}) {
      const config = merged(base, given as RunConfig | undefined);
      const signal =
        config.signal === undefined || limits.signal === undefined
          ? (limits.signal ?? config.signal)
          : either(config.signal, limits.signal);
      const bounded = signal === undefined ? config : { ...config, signal };
      return runUntilIdle(
        {
          ...limits,
          signal,
          session: manager.session(threadId(config)),
          turn: (work) => turn(bounded, work),
          wait: (work) => work(),
        },
        begin(input),
      );
    },
    async wake(id, { signal } = {}) {
      const { outcome } = await turn(wakeConfig(id, signal), wakeThread);
      return outcome;
    },
    autoWake: ({ onWoken, ...wakeOptions } = {}) =>
      manager.onWake(async ({ session, signal }) => {
        if (isGraphSession(session.id)) return;
        const woken = await turn(wakeConfig(session.id, signal), wakeThread);
        await onWoken?.({ threadId: session.id, ...woken });
      }, wakeOptions),
    commit: (id) => turn(wakeConfig(id, undefined), settleThread),
  };
  return runner as Runner<Graph>;
}

function merged(base: RunConfig, given: RunConfig | undefined): RunConfig {
  return { ...base, ...given, configurable: { ...base.configurable, ...given?.configurable } };
}
