import { type BackgroundManager, MeanwhileError, type Session } from "@meanwhile/core";
import { byManager } from "../thread/by-manager.ts";

/** Sessions of which a run goes on in this process. */
const runningOf = byManager("running", () => new Set<string>());

/**
 * Runs a graph as a turn of the thread's session; or as part of the turn that runs already, as in a
 * wake handler. Two runs at once would lose one of them, so a run inside a run is refused.
 *
 * @throws MeanwhileError `NESTED_TURN`, else as `session.turn`
 */
export async function inTurn<Result>(
  manager: BackgroundManager,
  session: Session,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal | undefined) => Promise<Result>,
): Promise<Result> {
  const running = runningOf(manager);

  async function alone(held: AbortSignal | undefined): Promise<Result> {
    running.add(session.id);
    try {
      return await work(held);
    } finally {
      running.delete(session.id);
    }
  }

  let hasBegun = false;
  try {
    return await session.turn(
      (turn) => {
        hasBegun = true;
        return alone(either(signal, turn.signal));
      },
      signal === undefined ? {} : { signal },
    );
  } catch (error) {
    const isInside = !hasBegun && MeanwhileError.isInstance(error, "NESTED_TURN");
    if (!isInside || running.has(session.id)) throw error;
    return alone(signal);
  }
}

export function either(first: AbortSignal | undefined, second: AbortSignal): AbortSignal {
  return first === undefined ? second : AbortSignal.any([first, second]);
}
