import type {
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

export interface ChatRunOptions<Message extends UIMessage> extends RunLimits {
  /**
   * The chat's messages. A function is called when the turn has begun, so that no other turn, such
   * as a wake, can add to them meanwhile: load them from your storage there.
   */
  readonly messages: readonly Message[] | (() => readonly Message[] | Promise<readonly Message[]>);
  /** The tools of the call, so that their answers in old messages are shown to the model alike. */
  readonly tools?: ToolSet;
  /** Calls the AI SDK: `(call) => streamText({ model, tools, ...call })`, or an agent's `stream`. */
  readonly stream: (call: RunCall) => StreamResult | PromiseLike<StreamResult>;
  /**
   * Called when the message is complete, also after an error or an abort: save it here. What it
   * tells is acknowledged when this has succeeded. Called even when nobody reads the stream.
   */
  readonly onEnd?: UIMessageStreamOnEndCallback<Message>;
  /** The text of an error for the user. @default "An error occurred." */
  readonly onError?: (error: unknown) => string;
  /** Makes the new message's id. @default the AI SDK's */
  readonly generateId?: () => string;
  /** Most bytes of a task's output in its part; 0 for none. @default 2000 */
  readonly tailBytes?: number;
}
