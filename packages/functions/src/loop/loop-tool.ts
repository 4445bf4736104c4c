import type { JsonSchema, ToolAnswer } from "@meanwhile/core";

/**
 * A tool that a loop offers to its model: one of `session.tools()`, or one of your own with the
 * same four properties.
 */
export interface LoopTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the input: an object. */
  readonly inputSchema: JsonSchema;
  /**
   * Does the work, and gives text or plain JSON for the model. The input is what the model sent,
   * parsed but not validated. What it throws becomes an error text for the model.
   */
  execute(input: unknown, options?: { readonly signal?: AbortSignal }): unknown;
  /**
   * Used instead of `execute` where it exists, since it also tells errors apart. It has to end by
   * itself when the signal aborts; `execute` is not waited for then.
   */
  call?(input: unknown, options?: { readonly signal?: AbortSignal }): Promise<ToolAnswer>;
}
