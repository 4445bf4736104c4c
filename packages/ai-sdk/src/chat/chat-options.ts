import type {
  InferUIMessageChunk,
  ModelMessage,
  StepResult,
  TextStreamPart,
  ToolSet,
  UIMessage,
  UIMessageStreamOnEndCallback,
} from "ai";
import type { RunCall, RunLimits } from "../run/run-options.ts";

/** What is read of a result of `streamText` or an agent's `stream`. */
export interface StreamResult {
  readonly stream: ReadableStream<TextStreamPart<ToolSet>>;
  readonly steps: PromiseLike<readonly StepResult<ToolSet>[]>;
  readonly responseMessages: PromiseLike<readonly ModelMessage[]>;
}

/** A message of a chat, as it is made. */
export type ChatStream<Message extends UIMessage> = ReadableStream<InferUIMessageChunk<Message>>;

export interface ChatRunOptions<Message extends UIMessage> extends RunLimits {
  /**
   * The chat's messages. A function is called when a turn has begun, so that no other turn, such as
   * a wake, can add to them meanwhile: load them from your storage there. A run of several turns
   * ends when it finds messages there that are new: whoever said them goes on.
   */
  readonly messages: readonly Message[] | (() => readonly Message[] | Promise<readonly Message[]>);
  /**
   * What the user says: a new message, or a changed one, such as the last with an answer to an
   * approval, which takes the place of the one with its id. @default the messages are all
   */
  readonly message?: Message | undefined;
  /** The tools of the call, so that their answers in old messages are shown to the model alike. */
  readonly tools?: ToolSet;
  /** Calls the AI SDK: `(call) => streamText({ model, tools, ...call })`, or an agent's `stream`. */
  readonly stream: (call: RunCall) => StreamResult | PromiseLike<StreamResult>;
  /**
   * Called at the end of each turn, in the turn, with the message as far as it is then, also after
   * an error or an abort: save it here. What it tells is acknowledged when this has succeeded.
   * Called even when nobody reads the stream.
   */
  readonly onEnd?: UIMessageStreamOnEndCallback<Message>;
  /** The text of an error for the user. @default "An error occurred." */
  readonly onError?: (error: unknown) => string;
  /** Makes the new message's id. @default the AI SDK's */
  readonly generateId?: () => string;
  /** Most bytes of a task's output in its part; 0 for none. @default 2000 */
  readonly tailBytes?: number;
}
