import type { ReceiveOptions, Session } from "@meanwhile/core";
import type { Telling } from "../thread/telling.ts";
import { toldIn } from "../thread/told.ts";
import { savedState } from "./saved-state.ts";
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
 * One run. What it was told is acknowledged when its saved state holds it, whether the run came to
 * its end or not; the rest is still owed.
 */
export async function runGraph<Result>(
  port: ThreadPort,
  run: () => Promise<Result>,
): Promise<Result> {
  await settleThread(port);
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
    const { values } = await savedState(graph, thread);
    await telling.settle(session, toldIn(values));
  } catch {
    // A checkpointer that fails makes the run fail, or the next. Until then it stays open here.
  }
}
