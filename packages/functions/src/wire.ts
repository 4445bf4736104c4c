import type { LoopTool } from "./loop/loop-tool.ts";

/** A tool call of the model's, in no provider's shape. */
export interface WireCall {
  readonly id: string;
  readonly name: string;
  /** JSON text or an object, as the provider gives it. */
  readonly arguments: unknown;
}

/** What a tool call was answered with. */
export interface WireAnswer {
  readonly call: WireCall;
  /** Never empty. */
  readonly text: string;
  readonly isError: boolean;
}

/** The model's part of a response. */
export interface WireReply {
  /** To be appended as they are; none when the model said nothing at all. */
  readonly messages: readonly object[];
  readonly calls: readonly WireCall[];
  /** True when the provider interrupted its own work and wants the same conversation again. */
  readonly paused: boolean;
}

/**
 * How a conversation ends: with tool `calls` that lack an answer, with work of the provider's that
 * is `paused`, with a `question` that the model has yet to answer, or with its `answer`.
 */
export type Tail = "calls" | "paused" | "question" | "answer";

/** Everything that differs between the providers. Translates and decides nothing. */
export interface Wire<Spec, Response> {
  spec(tool: LoopTool): Spec;
  tail(messages: readonly object[]): Tail;
  /**
   * A copy of the messages with the text at the end, as the user's. `carrier` is the new object
   * that holds the text: a message, or a block of one.
   */
  append(
    messages: readonly object[],
    text: string,
  ): { readonly messages: object[]; readonly carrier: object };
  /** @throws MeanwhileError when this is no response, or one that failed. */
  reply(response: Response): WireReply;
  /** The answers to all calls of one reply, in their order, as messages. */
  answers(answers: readonly WireAnswer[]): object[];
}
