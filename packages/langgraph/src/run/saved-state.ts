import type { StateSnapshot } from "@langchain/langgraph";
import type { ThreadState } from "../thread/state.ts";
import type { ThreadGraph } from "./thread-graph.ts";

/** The latest checkpoint of a thread. */
export interface SavedState extends Pick<StateSnapshot, "next" | "tasks"> {
  readonly values: ThreadState;
  /** Whether nothing of the thread was ever saved. */
  readonly isNew: boolean;
}

/**
 * What the thread has saved for good. While a step is unfinished, LangGraph shows the state as if
 * the nodes of it that had ended counted; but the next input may drop what they wrote.
 */
export async function savedState(graph: ThreadGraph, config: object): Promise<SavedState> {
  const { values, next, tasks, config: itself } = await graph.getState(config);
  const isNew = itself.configurable?.["checkpoint_id"] === undefined;
  if (next.length === 0) return { values, next, tasks, isNew };
  return { values: (await graph.getState(itself)).values, next, tasks, isNew };
}
