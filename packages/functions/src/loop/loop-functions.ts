import type { ReceiveOptions, Session } from "@meanwhile/core";
import type { Wire } from "../wire.ts";
import { type CallOptions, createCallTool } from "./call-tool.ts";
import { createInject, type Injection, type InjectOptions } from "./inject.ts";
import type { LoopTool } from "./loop-tool.ts";
import type { RunOptions, RunResult, RunTurnOptions, TurnResult } from "./run-options.ts";
import { runTurn } from "./run-turn.ts";
import { runUntilIdle } from "./run-until-idle.ts";

/** `limit`, `maxChars` and `leaseMs` bound what one injection holds; see `ReceiveOptions`. */
export interface LoopOptions extends ReceiveOptions {
  /**
   * All tools of the loop: those of the session, and your own beside them.
   * @default session.tools()
   */
  readonly tools?: readonly LoopTool[];
}

/** Background tasks for a loop over one session, in one provider's format. */
export interface LoopFunctions<Message extends object, Spec, Response> {
  /** For the request's `tools`. The same on every call, so that prompt caches hold. */
  readonly tools: Spec[];
  /**
   * Runs a tool and gives the text to answer the model with. Never throws: an unknown tool, bad
   * arguments, an abort or a failure is answered with an error text. Never empty.
   */
  call(name: string, input: unknown, options?: CallOptions): Promise<string>;
  /** Adds what is owed to the session where the provider takes it. Never waits. */
  inject<Given extends Message>(
    messages: readonly Given[],
    options?: InjectOptions,
  ): Promise<Injection<Given>>;
  /**
   * One turn: calls the model and the tools until the model has nothing left to do. Takes no turn
   * of the session itself: for use inside `session.turn` or `manager.onWake`.
   * @throws whatever `create` threw; the notifications that it was given are then still owed.
   */
  runTurn<Given extends Message>(
    options: RunTurnOptions<Given, Spec, Response>,
  ): Promise<TurnResult<Given>>;
  /**
   * Takes turns, and between them waits for news, until the model has nothing left to do, no task
   * of the session is open and nothing is owed.
   * @throws whatever `create` threw; the notifications that it was given are then still owed.
   */
  runUntilIdle<Given extends Message>(
    options: RunOptions<Given, Spec, Response>,
  ): Promise<RunResult<Given>>;
}

/** @throws MeanwhileError `INVALID_OPTION` when two tools have one name. */
export function createLoopFunctions<Message extends object, Spec, Response>(
  session: Session,
  wire: Wire<Spec, Response>,
  options: LoopOptions = {},
): LoopFunctions<Message, Spec, Response> {
  const { tools: loopTools = session.tools(), ...receiveOptions } = options;
  const tools = loopTools.map((tool) => wire.spec(tool));
  const call = createCallTool(loopTools);
  const inject = createInject(session.notifications, wire, receiveOptions);
  const parts = { wire, tools, call, inject };
  return {
    tools,
    call: async (name, input, callOptions) => (await call(name, input, callOptions)).text,
    inject,
    runTurn: (turnOptions) => runTurn(parts, turnOptions),
    runUntilIdle: (runOptions) => runUntilIdle(session, parts, runOptions),
  };
}
