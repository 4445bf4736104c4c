import type { ReceiveOptions, Session } from "@meanwhile/core";
import type { Telling } from "../thread/telling.ts";
import { answeredIn, toldIn } from "../thread/told.ts";
import { savedState } from "./saved-state.ts";
import { standingOf } from "./standing.ts";
import type { ThreadGraph } from "./thread-graph.ts";

/** A thread whose graph is run, in a turn of its session. */
export interface ThreadPort {
  readonly graph: ThreadGraph;
  readonly session: Session;
  readonly telling: Telling;
  /** Names the thread, and nothing of its history. */
  readonly thread: object;
  readonly receive: ReceiveOptions | undefined;
}

/**
 * One run. What it was told is acknowledged when the thread has saved it, and the model has answered
 * it or the run has come to an end or a pause; the rest is still owed.
 */
export async function runGraph<Result>(
  port: ThreadPort,
  run: () => Promise<Result>,
): Promise<Result> {
  await settleThread(port);
  return thenSettle(port, run);
}

/** The same after a look, which has settled the thread and found what the run is to tell. */
export async function thenSettle<Result>(
  port: ThreadPort,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } finally {
    await settleThread(port);
  }
}

/** Reads nothing when nothing was told. */
export async function settleThread({ graph, session, telling, thread }: ThreadPort): Promise<void> {
  if (!telling.isOpen(session.id)) return;
  try {
    const state = await savedState(graph, thread);
    // Of a run that is unfinished, what no model has answered stays owed: so a wake takes the run
    // up, and what the thread holds already is not told again.
    const isUnfinished = standingOf(graph, state) === "unfinished";
    await telling.settle(session, (isUnfinished ? answeredIn : toldIn)(state.values));
  } catch {
    // A checkpointer that fails makes the run fail, or the next. Until then it stays open here.
  }
}
