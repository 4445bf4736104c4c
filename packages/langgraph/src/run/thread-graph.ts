import type { StateSnapshot } from "@langchain/langgraph";
import { MeanwhileError } from "@meanwhile/core";

/** What is used of a compiled graph, or of the `graph` of an agent. */
export interface ThreadGraph {
  invoke(input: unknown, config?: object): Promise<unknown>;
  stream(input: unknown, config?: object): Promise<AsyncIterable<unknown>>;
  getState(config: object): Promise<StateSnapshot>;
  readonly checkpointer?: unknown;
  /** Nodes before which, and behind which, a person is asked. */
  readonly interruptBefore?: "*" | readonly string[] | undefined;
  readonly interruptAfter?: "*" | readonly string[] | undefined;
}

/** @throws MeanwhileError `INVALID_OPTION` */
export function requireCheckpointer({ checkpointer }: ThreadGraph): void {
  if (typeof checkpointer === "object" && checkpointer !== null) return;
  throw new MeanwhileError(
    "INVALID_OPTION",
    "The graph has no checkpointer, so nobody could know what its threads were told. Compile it with one: compile({ checkpointer: new MemorySaver() }).",
  );
}
