import type { ReceiveOptions, Session } from "@meanwhile/core";
import type { ModelMessage } from "ai";
import { endsWithQuestion } from "../tell/ending.ts";
import { createTelling } from "../tell/telling.ts";
import type { CallResult } from "./conversation.ts";
import type { RunCall, RunLimits } from "./run-options.ts";
import type { TurnEnd } from "./run-turn.ts";
import { type RunEnd, type RunPlace, runTurns } from "./run-turns.ts";

export interface RunOptions<Result extends CallResult> extends RunLimits {
  /** The conversation so far, with the user's new message at its end. Not changed. */
  readonly messages: readonly ModelMessage[];
  /** Calls the AI SDK: `(call) => generateText({ model, tools, ...call })`, or an agent. */
  readonly generate: (call: RunCall) => PromiseLike<Result>;
  /**
   * Called after each call, also after one that failed when some of its steps had ended: the place
   * to save the conversation. Awaited, and before what was told in it is acknowledged.
   */
  readonly onTurnEnd?: (turn: TurnEnd<Result>) => void | Promise<void>;
  /** Ids of notifications that `messages` tell without being marked so. @default none */
  readonly told?: Iterable<string>;
}

/** What was leased by a process that died is free at once, so only our own delays count here. */
export const leaseMs: number = 24 * 60 * 60 * 1_000;

/**
 * Calls the model until it has nothing left to do, no task of the session is open, and nothing is
 * owed. Each call is a turn of the session; between them, while it waits, others may take turns.
 *
 * @throws what `generate` and `onTurnEnd` throw; what the conversation does not hold is still owed
 */
export async function runUntilIdle<Result extends CallResult>(
  session: Session,
  receiveOptions: ReceiveOptions,
  options: RunOptions<Result>,
  place: RunPlace = { turn: session.turn, wait: (work) => work() },
): Promise<RunEnd<Result>> {
  const telling = createTelling(session.notifications, { leaseMs, ...receiveOptions });
  telling.know(options.told ?? []);
  try {
    const end = await runTurns({
      ...options,
      ...place,
      session,
      telling,
      once: false,
      before: options.messages,
      load: async (left) => left ?? [...options.messages],
      isQuestion: endsWithQuestion,
      call: options.generate,
      async turnEnded(ended) {
        await options.onTurnEnd?.(ended);
        await telling.settle();
      },
    });
    await telling.settle();
    return end;
  } finally {
    await telling.release();
  }
}
