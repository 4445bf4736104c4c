import { MeanwhileError } from "@meanwhile/core";
import { requireCount } from "@meanwhile/core/adapters";
import type { Wire, WireAnswer, WireCall } from "../wire.ts";
import { abortable } from "./abortable.ts";
import type { CallTool } from "./call-tool.ts";
import type { Inject, Injection } from "./inject.ts";
import type { RunTurnOptions, TurnResult } from "./run-options.ts";

/** What a turn is made of, for one session and provider. */
export interface TurnParts<Spec, Response> {
  readonly wire: Wire<Spec, Response>;
  readonly tools: readonly Spec[];
  readonly call: CallTool;
  readonly inject: Inject;
}

/** Calls the model and its tools until the model has nothing left to do and nothing is owed. */
export async function runTurn<Message extends object, Spec, Response>(
  parts: TurnParts<Spec, Response>,
  options: RunTurnOptions<Message, Spec, Response>,
): Promise<TurnResult<Message>> {
  const { wire, call, inject } = parts;
  const { create, onMessage, onEvent, maxSteps = 100 } = options;
  requireCount("maxSteps", maxSteps);
  const signal = options.signal ?? new AbortController().signal;
  let messages = [...options.messages];
  const tail = wire.tail(messages);
  if (tail === "calls") {
    throw new MeanwhileError(
      "INVALID_INPUT",
      "The conversation ends with tool calls that have no answer. Answer them with `call` first.",
    );
  }
  let isAnswerWanted = tail !== "answer";
  let steps = 0;

  for (;;) {
    if (signal.aborted) return { messages, steps, reason: "aborted" };
    if (steps >= maxSteps) {
      return { messages, steps, reason: isAnswerWanted ? "max-steps" : "done" };
    }
    const injection = await inject(messages, options.told ? { told: options.told } : {});
    try {
      // Nothing new to say to a model that has answered: no call is paid for.
      if (!isAnswerWanted && injection.text === "") {
        await commit(injection);
        return { messages, steps, reason: "done" };
      }
      const reply = await step(injection);
      isAnswerWanted = reply.calls.length > 0 || reply.paused;
      await answerCalls(reply.calls);
    } catch (error) {
      // Where even that fails, the lease runs out by itself; the first error says more.
      await injection.release().catch(() => {});
      if (signal.aborted) return { messages, steps, reason: "aborted" };
      throw error;
    }
  }

  async function step(injection: Injection<Message>) {
    onEvent?.({ type: "step-start", step: steps + 1, notifications: injection.notifications });
    const request = { messages: [...injection.messages], tools: [...parts.tools], signal };
    const response = await abortable(() => create(request), signal);
    const reply = wire.reply(response);
    steps += 1;
    messages = injection.messages;
    if (injection.text !== "") await added(messages.length - 1, injection);
    await append(reply.messages);
    await commit(injection);
    onEvent?.({ type: "step-end", step: steps, response });
    return reply;
  }

  async function answerCalls(calls: readonly WireCall[]): Promise<void> {
    if (calls.length === 0) return;
    await append(wire.answers(await Promise.all(calls.map(answer))));
  }

  async function answer(wireCall: WireCall): Promise<WireAnswer> {
    const { id, name } = wireCall;
    onEvent?.({ type: "tool-start", id, name });
    const given = await call(name, wireCall.arguments, { signal });
    onEvent?.({ type: "tool-end", id, name, answer: given });
    return { call: wireCall, text: given.text, isError: given.isError };
  }

  async function append(more: readonly object[]): Promise<void> {
    for (const message of more) {
      // The wire adds only what the provider's own message type allows.
      messages.push(message as Message);
      await added(messages.length - 1);
    }
  }

  async function added(index: number, injection?: Injection<Message>): Promise<void> {
    const message = messages[index];
    if (message === undefined) return;
    await onMessage?.({ message, index, notifications: injection?.notifications ?? [] });
  }
}

/** The model has read the text. That another receiver has it as well cannot be undone here. */
async function commit(injection: Injection<unknown>): Promise<void> {
  try {
    await injection.commit();
  } catch (error) {
    if (!MeanwhileError.isInstance(error, "LEASE_LOST")) throw error;
  }
}
