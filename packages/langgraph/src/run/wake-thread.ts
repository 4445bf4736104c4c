import { MeanwhileError } from "@meanwhile/core";
import { runGraph, settleThread, type ThreadPort, thenSettle } from "./run-graph.ts";
import { type SavedState, savedState } from "./saved-state.ts";
import { resumption, type Standing, standingOf } from "./standing.ts";

/**
 * What a wake did. `ran`: the graph was run for what is owed. `resumed`: a run that was parked, had
 * failed, or had died with its process was taken up. `nothing`: there was nothing to do, and no
 * model was asked. `waiting-for-human`: an interrupt that is not ours waits for its answer.
 * `waiting-for-tool-results`: the thread ended with tool calls that nobody has answered.
 */
export type WakeOutcome =
  | "ran"
  | "resumed"
  | "nothing"
  | "waiting-for-human"
  | "waiting-for-tool-results";

export interface Woken {
  readonly outcome: WakeOutcome;
  /** What the last run gave, if there was one. */
  readonly output: unknown;
}

export interface WakePort extends ThreadPort {
  /** Runs the graph with an input of any kind: of a user, null, or a `Command`. */
  readonly call: (input: unknown) => Promise<unknown>;
  /** The input of a run that only brings notifications. */
  readonly wakeInput: unknown;
}

/** Does what is to be done for an idle thread: in a turn of its session, when nothing else runs. */
export async function wakeThread(port: WakePort): Promise<Woken> {
  await settleThread(port);
  const state = await savedState(port.graph, port.thread);
  const standing = standingOf(port.graph, state);
  const woken = await takeUp(port, state, standing);
  if (standing !== "unfinished") return woken;
  // The run that was taken up may have ended without a look at what is owed.
  const next = await savedState(port.graph, port.thread);
  if (standingOf(port.graph, next) !== "done") return woken;
  const again = await takeUp(port, next, "done");
  return again.outcome === "ran" ? { ...again, outcome: "resumed" } : woken;
}

async function takeUp(port: WakePort, state: SavedState, standing: Standing): Promise<Woken> {
  const nothing: Woken = { outcome: "nothing", output: undefined };
  switch (standing) {
    case "waiting-for-human":
    case "waiting-for-tool-results":
      return { ...nothing, outcome: standing };
    case "unfinished":
      return { outcome: "resumed", output: await runGraph(port, () => port.call(null)) };
    case "parked": {
      const isOwed = await isOwedNews(port, state);
      if (!isOwed && (await hasOpenTask(port))) return nothing;
      return { outcome: "resumed", output: await tell(port, isOwed, resumption(state)) };
    }
    case "done":
      if (!(await isOwedNews(port, state))) return nothing;
      return { outcome: "ran", output: await tell(port, true, port.wakeInput) };
  }
}

/** Decides before anything is run, and keeps what it found for the run. */
function isOwedNews({ telling, session, receive }: WakePort, state: SavedState): Promise<boolean> {
  return telling.look(session, state.values, receive);
}

async function hasOpenTask({ session }: WakePort): Promise<boolean> {
  return (await session.list({ status: ["queued", "running"], limit: 1 })).length > 0;
}

async function tell(port: WakePort, isOwed: boolean, input: unknown): Promise<unknown> {
  let isTold = !isOwed;
  const output = await thenSettle(port, async () => {
    const given = await port.call(input);
    isTold ||= !port.telling.isWaiting(port.session.id);
    return given;
  });
  if (isTold) return output;
  throw new MeanwhileError(
    "INVALID_OPTION",
    "The graph was run for notifications and did not take them, so they are still owed. Let every run pass a drainNotifications node before it calls the model, or give the agent the middleware.",
  );
}
