import type { StateSnapshot } from "@langchain/langgraph";
import type { ThreadState } from "../thread/state.ts";
import type { ThreadGraph } from "./thread-graph.ts";

/** The latest checkpoint of a thread. */
export interface SavedState {
  readonly values: ThreadState;
  /**
   * The nodes of an unfinished step; none when the graph has come to its end. Those that had ended
   * are among them, but not in `next` of LangGraph.
   */
  readonly tasks: StateSnapshot["tasks"];
  /** Whether nothing of the thread was ever saved. */
  readonly isNew: boolean;
}

/**
 * What the thread has saved for good. While a step is unfinished, LangGraph shows the state as if
 * the nodes of it that had ended counted; but the next input may drop what they wrote.
 */
export async function savedState(graph: ThreadGraph, config: object): Promise<SavedState> {
  const { values, tasks, config: itself } = await graph.getState(config);
  const isNew = itself.configurable?.["checkpoint_id"] === undefined;
  if (tasks.length === 0) return { values, tasks, isNew };
  return { values: (await graph.getState(itself)).values, tasks, isNew };
}
