import { MeanwhileError, type Session } from "@meanwhile/core";
import { type News, requireCount, waitForNews } from "@meanwhile/core/adapters";
import { runGraph } from "./run-graph.ts";
import { savedState } from "./saved-state.ts";
import { type Standing, standingOf } from "./standing.ts";
import { type WakePort, type Woken, wakeThread } from "./wake-thread.ts";

/** Bounds of a run that waits for the thread's tasks. */
export interface RunLimits {
  /** Ends it in whatever it does. */
  readonly signal?: AbortSignal | undefined;
  /** Most runs of the graph. @default unlimited */
  readonly maxTurns?: number | undefined;
  /** Most milliseconds without news in one wait, which begins anew after each run. @default unlimited */
  readonly maxIdleMs?: number | undefined;
}

/**
 * Why a run ended. `idle`: the graph has come to its end, no task is open and nothing is owed.
 * `waiting-for-human`: an interrupt that is not ours. `waiting-for-tool-results`: tool calls that
 * nobody has answered. `closed`: the manager was.
 */
export type IdleReason =
  | "idle"
  | "waiting-for-human"
  | "waiting-for-tool-results"
  | "max-turns"
  | "max-idle"
  | "aborted"
  | "closed";

/** How a run until idle ended. */
export interface IdleEnd<Output> {
  /** What the last run gave; undefined when none came to its end. */
  readonly output: Output | undefined;
  /** How often the graph was run. */
  readonly turns: number;
  readonly reason: IdleReason;
}

export interface IdlePort extends RunLimits {
  readonly session: Session;
  /** Runs a turn of the thread: a run of the graph, or a look whether there is one to begin. */
  readonly turn: <Result>(work: (port: WakePort) => Promise<Result>) => Promise<Result>;
  /** Waits, for a task that gives its slot away meanwhile. */
  readonly wait: (work: () => Promise<News>) => Promise<News>;
}

/** The first run of a graph, for an input. */
export function begin(input: unknown): (thread: WakePort) => Promise<Woken> {
  return async (thread) => ({
    outcome: "ran",
    output: await runGraph(thread, () => thread.call(input)),
  });
}

/**
 * Runs the graph until nothing is left to do. Between two runs others may take turns.
 *
 * @param first what the first turn does
 */
export async function runUntilIdle(
  port: IdlePort,
  first: (thread: WakePort) => Promise<Woken>,
): Promise<IdleEnd<unknown>> {
  const { signal, maxTurns } = port;
  requireCount("maxTurns", maxTurns);
  let turns = 0;
  let output: unknown;
  const end = (reason: IdleReason): IdleEnd<unknown> => ({ output, turns, reason });

  async function take(
    thread: WakePort,
    work: (thread: WakePort) => Promise<Woken>,
  ): Promise<Standing | "nothing"> {
    const woken = await work(thread);
    if (woken.outcome !== "ran" && woken.outcome !== "resumed") return woken.outcome;
    output = woken.output;
    turns += 1;
    return standingOf(thread.graph, await savedState(thread.graph, thread.thread));
  }

  try {
    let standing = await port.turn((thread) => take(thread, first));
    for (;;) {
      if (standing === "waiting-for-human" || standing === "waiting-for-tool-results") {
        return end(standing);
      }
      const news = await waitForMore(port);
      if (news !== "news" && news !== "none-open") return end(news);
      if (maxTurns !== undefined && turns >= maxTurns) {
        return end(news === "news" ? "max-turns" : "idle");
      }
      // Beginning a turn is ordered after all that was settled before, so this look misses nothing.
      standing = await port.turn((thread) => take(thread, wakeThread));
      if (standing === "nothing" && news === "none-open") return end("idle");
    }
  } catch (error) {
    if (signal?.aborted) return end("aborted");
    if (turns > 0 && MeanwhileError.isInstance(error, "CLOSED")) return end("closed");
    throw error;
  }
}

function waitForMore({ session, signal, maxIdleMs, wait }: IdlePort): Promise<News> {
  const work = (): Promise<News> => waitForNews(session, { signal, maxIdleMs });
  return session.notifications.pending() > 0 ? work() : wait(work);
}
