import { MeanwhileError, type Session } from "@meanwhile/core";
import { requireCount, waitForNews } from "@meanwhile/core/adapters";
import { abortable } from "./abortable.ts";
import type { RunOptions, RunResult, TurnResult } from "./run-options.ts";
import { runTurn, type TurnParts } from "./run-turn.ts";

/** Takes turns until nothing is left to do. Holds the session's turn while active, never waiting. */
export async function runUntilIdle<Message extends object, Spec, Response>(
  session: Session,
  parts: TurnParts<Spec, Response>,
  options: RunOptions<Message, Spec, Response>,
): Promise<RunResult<Message>> {
  const { signal, onEvent, maxIdleMs, maxTurns, maxSteps = 100 } = options;
  requireCount("maxSteps", maxSteps);
  requireCount("maxTurns", maxTurns);
  let messages = [...options.messages];
  let turns = 0;
  let steps = 0;
  const end = (reason: RunResult<Message>["reason"]) => ({ messages, turns, steps, reason });

  for (let isLastLook = false; ; ) {
    const turn = await takeTurn();
    messages = turn.messages;
    steps += turn.steps;
    if (turn.steps > 0) turns += 1;
    if (turn.reason !== "done") return end(turn.reason);
    if (isLastLook && turn.steps === 0) return end("idle");

    const news = await waitForNews(session, {
      signal,
      maxIdleMs,
      onWait: (open) => onEvent?.({ type: "wait-start", open }),
      onEnd: () => onEvent?.({ type: "wait-end" }),
    });
    if (news !== "news" && news !== "none-open") return end(news);
    const isOwed = session.notifications.pending() > 0;
    if (turns === maxTurns) return end(isOwed ? "max-turns" : "idle");
    if (steps === maxSteps) return end(isOwed ? "max-steps" : "idle");
    // A task that ended just now is off the list a moment before its notification is known here.
    // Beginning a turn is ordered after both, so that one more turn sees it.
    isLastLook = news === "none-open";
  }

  async function takeTurn(): Promise<Turn<Message>> {
    if (signal?.aborted) return { messages, steps: 0, reason: "aborted" };
    let held: AbortSignal | undefined;
    const turn = session.turn(
      (context) => {
        held = context.signal;
        const both = signal === undefined ? held : AbortSignal.any([signal, held]);
        return runTurn(parts, { ...options, messages, maxSteps: maxSteps - steps, signal: both });
      },
      signal === undefined ? {} : { signal },
    );
    try {
      // The turn of another is not waited for once this run is aborted; our own ends by itself.
      const result = await abortable(() => turn, signal).catch((error: unknown) => {
        if (held === undefined) throw error;
        return turn;
      });
      if (result.reason !== "aborted" || signal?.aborted) return result;
      // Nobody here aborted it, so the manager did: it closes, or has lost its lease.
      if (MeanwhileError.isInstance(held?.reason, "CLOSED")) return { ...result, reason: "closed" };
      throw held?.reason;
    } catch (error) {
      if (held === undefined && signal?.aborted) return { messages, steps: 0, reason: "aborted" };
      // Between two turns the manager may close; a run that begins on a closed one is a mistake.
      if (turns > 0 && MeanwhileError.isInstance(error, "CLOSED")) {
        return { messages, steps: 0, reason: "closed" };
      }
      throw error;
    }
  }
}

type Turn<Message> = Pick<RunResult<Message>, "messages" | "steps"> & {
  readonly reason: TurnResult<Message>["reason"] | "closed";
};
