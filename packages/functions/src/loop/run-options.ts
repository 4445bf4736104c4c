import type { Notification, ToolAnswer } from "@meanwhile/core";

/** What `create` is given: the provider's client takes it as it is. */
export interface ModelRequest<Message, Spec> {
  readonly messages: Message[];
  readonly tools: Spec[];
  /** Aborts when the run does. */
  readonly signal: AbortSignal;
}

/** A message that the run added to the conversation. */
export interface AddedMessage<Message> {
  readonly message: Message;
  /**
   * Where it belongs: `history[index] = message` keeps a copy in step. Mostly the end; a last
   * user message that the provider wants extended is replaced.
   */
  readonly index: number;
  /** Those whose text the message holds. */
  readonly notifications: readonly Notification[];
}

/** What a run does, for logs and displays. */
export type RunEvent<Response> =
  | {
      readonly type: "step-start";
      readonly step: number;
      readonly notifications: readonly Notification[];
    }
  | { readonly type: "step-end"; readonly step: number; readonly response: Response }
  | { readonly type: "tool-start"; readonly id: string; readonly name: string }
  | {
      readonly type: "tool-end";
      readonly id: string;
      readonly name: string;
      readonly answer: ToolAnswer;
    }
  | { readonly type: "wait-start"; readonly open: number }
  | { readonly type: "wait-end" };

export interface RunTurnOptions<Message, Spec, Response> {
  /** The conversation so far, its new user message included. Not changed. */
  readonly messages: readonly Message[];
  /**
   * Calls the model: passes the request to the provider's client, and gives back what that gives,
   * not streamed. May retry: the request holds the notifications once.
   */
  readonly create: (request: ModelRequest<Message, Spec>) => Promise<Response>;
  /** Most calls of the model. @default 100 */
  readonly maxSteps?: number;
  /** Ends the run in whatever it does; the conversation it leaves is valid. */
  readonly signal?: AbortSignal;
  /** Ids that `messages` hold already; see `InjectOptions`. @default none */
  readonly told?: Iterable<string>;
  /**
   * Called with each message that is added, in order, after the provider has taken it; awaited,
   * and before the notifications in it are acknowledged: the place to save the conversation.
   */
  readonly onMessage?: (added: AddedMessage<Message>) => void | Promise<void>;
  /** Called as things happen. What it throws ends the run. */
  readonly onEvent?: (event: RunEvent<Response>) => void;
}

export interface RunOptions<Message, Spec, Response>
  extends RunTurnOptions<Message, Spec, Response> {
  /** Most turns: rounds between two waits. @default unlimited */
  readonly maxTurns?: number;
  /** Most milliseconds without news while tasks are still running. @default unlimited */
  readonly maxIdleMs?: number;
}

export interface TurnResult<Message> {
  /** A new array: the whole conversation. */
  readonly messages: Message[];
  /** Calls of the model that succeeded. */
  readonly steps: number;
  /** `done`: the model has nothing left to do for now. */
  readonly reason: "done" | "max-steps" | "aborted";
}

export interface RunResult<Message> {
  /** A new array: the whole conversation. */
  readonly messages: Message[];
  /** Turns in which the model was called. */
  readonly turns: number;
  /** Calls of the model that succeeded. */
  readonly steps: number;
  /**
   * `idle`: the model has nothing left to do, no task is open and nothing is owed. Otherwise what
   * ended the run before that; `closed` when the manager was.
   */
  readonly reason: "idle" | "max-turns" | "max-steps" | "max-idle" | "aborted" | "closed";
}
