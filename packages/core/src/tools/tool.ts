import type { JsonSchema } from "../schema/standard-schema.ts";

/** What a tool answers to a model. */
export interface ToolAnswer {
  /** For the model. */
  readonly text: string;
  /** True when the call was refused or wrong; the text then says what to do. */
  readonly isError: boolean;
  /** The task that the call started or was about. */
  readonly taskId?: string;
  /** True when the text tells how that task ended, so that there is nothing left to be told. */
  readonly ended?: boolean;
}

/** How a tool is called. */
export interface ToolCallOptions {
  /** Ends a wait of the call. What it has started goes on. */
  readonly signal?: AbortSignal;
  /**
   * Names the call, for a host that may make it again after a crash: within the session, a call that
   * starts a task gives the task of the call before it that had the same key, and starts none.
   * @default none
   */
  readonly idempotencyKey?: string;
}

/** A tool for a model, in no framework's shape. */
export interface Tool {
  /** As the model calls it. */
  readonly name: string;
  /** For the model. */
  readonly description: string;
  /** JSON Schema of the input: an object. */
  readonly inputSchema: JsonSchema;
  /** Runs the tool. Never throws: a bad call is answered with an error text. */
  execute(input: unknown, options?: ToolCallOptions): Promise<string>;
  /** Like `execute`, for adapters that need more than the text. */
  call(input: unknown, options?: ToolCallOptions): Promise<ToolAnswer>;
}
