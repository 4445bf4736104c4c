import { MeanwhileError, type Session } from "@meanwhile/core";
import { type News, requireCount, waitForNews } from "@meanwhile/core/adapters";
import type { ModelMessage } from "ai";
import { hasOpenCalls } from "../tell/open-calls.ts";
import type { Telling } from "../tell/telling.ts";
import type { CallResult } from "./conversation.ts";
import type { RunCall, RunLimits, RunReason } from "./run-options.ts";
import { runTurn, type TurnEnd, type TurnPort } from "./run-turn.ts";

export interface RunPort<Result extends CallResult> extends RunLimits, RunPlace {
  readonly session: Session;
  readonly telling: Telling;
  /** The conversation as far as it is known before it is loaded. */
  readonly before: readonly ModelMessage[];
  /**
   * Asked for when a turn has begun, so that no other turn can add to them meanwhile. Gets what the
   * turn before has left; gives undefined when the run cannot go on behind what others have added:
   * it ends, and they tell the rest.
   */
  readonly load: (left: ModelMessage[] | undefined) => Promise<ModelMessage[] | undefined>;
  /** Whether the model is called for what the messages end with, or only for what is owed. */
  readonly isQuestion: (messages: readonly ModelMessage[]) => boolean;
  /** One call of the AI SDK, until its loop ends. */
  readonly call: (call: RunCall) => PromiseLike<Result>;
  /** Whether it ends after its first turn, instead of waiting for news. */
  readonly once: boolean;
  /** After each call that had at least one step, in its turn; also when it failed afterwards. */
  readonly turnEnded: (turn: TurnEnd<Result>) => Promise<void>;
  /** At the end of each turn, in it. @default nothing */
  readonly turnOver?: (outcome: TurnOutcome) => Promise<void>;
}

/** How a turn went: `failed` with what was thrown. */
export type TurnOutcome =
  | { readonly type: "done" | "aborted" | "error" }
  | { readonly type: "failed"; readonly error: unknown };

/** What the run is in: by default in no turn, and in no task. */
export interface RunPlace {
  /** Runs a turn: `session.turn`, but where the run is in a turn already. */
  readonly turn: Session["turn"];
  /** Waits, for a task that gives its slot away meanwhile. */
  readonly wait: (work: () => Promise<News>) => Promise<News>;
}

export interface RunEnd<Result> {
  readonly messages: ModelMessage[];
  readonly turns: number;
  /** Of the last call that ended by itself. */
  readonly result: Result | undefined;
  readonly reason: RunReason;
}

/** Takes turns until nothing is left to do. Holds the session's turn while active, never waiting. */
export async function runTurns<Result extends CallResult>(
  port: RunPort<Result>,
): Promise<RunEnd<Result>> {
  const { session, signal, maxTurns, maxIdleMs } = port;
  requireCount("maxTurns", maxTurns);
  let isLoaded = false;
  let messages = [...port.before];
  let turns = 0;
  let result: Result | undefined;
  const end = (reason: RunReason): RunEnd<Result> => ({ messages, turns, result, reason });

  for (let isLastLook = false; ; ) {
    const turn = await takeTurn();
    messages = turn.messages;
    if (turn.called) turns += 1;
    result = turn.result ?? result;
    if (turn.reason === "overtaken") return end("idle");
    if (turn.reason !== "done") return end(turn.reason);
    if (hasOpenCalls(messages)) return end("waiting-for-tool-results");
    if (isLastLook && !turn.called) return end("idle");
    if (port.once) return end("idle");

    const news = await waitThere();
    if (news !== "news" && news !== "none-open") return end(news);
    if (turns === maxTurns) {
      return end(session.notifications.pending() > 0 ? "max-turns" : "idle");
    }
    // A task that ended just now is off the list a moment before its notification is known here.
    // Beginning a turn is ordered after both, so that one more turn sees it.
    isLastLook = news === "none-open";
  }

  async function waitThere(): Promise<News> {
    const work = (): Promise<News> => waitForNews(session, { signal, maxIdleMs });
    if (session.notifications.pending() > 0) return work();
    try {
      return await port.wait(work);
    } catch (error) {
      if (signal?.aborted) return "aborted";
      throw error;
    }
  }

  async function takeTurn(): Promise<Taken<Result>> {
    const none = { called: false, result: undefined };
    if (signal?.aborted) return { ...none, messages, reason: "aborted" };
    let held: AbortSignal | undefined;
    try {
      const taken = await port.turn(
        async (context): Promise<Taken<Result>> => {
          held = context.signal;
          const both = signal === undefined ? held : AbortSignal.any([signal, held]);
          const isFirst = !isLoaded;
          const now = await port.load(isFirst ? undefined : messages);
          if (now === undefined) return { ...none, messages, reason: "overtaken" };
          messages = now;
          isLoaded = true;
          if (hasOpenCalls(messages)) return { ...none, messages, reason: "done" };
          const isQuestion = isFirst && port.isQuestion(messages);
          return wholeTurn({ ...port, messages, signal: both, isQuestion });
        },
        signal === undefined ? {} : { signal },
      );
      if (taken.reason !== "aborted" || signal?.aborted) return taken;
      // Nobody here aborted it, so the manager did: it closes, or has lost its lease.
      if (MeanwhileError.isInstance(held?.reason, "CLOSED")) return { ...taken, reason: "closed" };
      throw held?.reason;
    } catch (error) {
      if (held === undefined && signal?.aborted) return { ...none, messages, reason: "aborted" };
      // Between two turns the manager may close; a run that begins on a closed one is a mistake.
      if (turns > 0 && MeanwhileError.isInstance(error, "CLOSED")) {
        return { ...none, messages, reason: "closed" };
      }
      throw error;
    }
  }
}

async function wholeTurn<Result extends CallResult>(
  port: TurnPort<Result> & Pick<RunPort<Result>, "turnOver">,
): ReturnType<typeof runTurn<Result>> {
  let turn: Awaited<ReturnType<typeof runTurn<Result>>>;
  try {
    turn = await runTurn(port);
  } catch (error) {
    // What failed first is what the caller has to know.
    await port.turnOver?.({ type: "failed", error }).catch(() => {});
    throw error;
  }
  await port.turnOver?.({ type: turn.reason });
  return turn;
}

interface Taken<Result> {
  readonly messages: ModelMessage[];
  readonly called: boolean;
  readonly result: Result | undefined;
  readonly reason: "done" | "aborted" | "closed" | "error" | "overtaken";
}
