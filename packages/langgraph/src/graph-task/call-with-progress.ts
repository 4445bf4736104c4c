import { INTERRUPT } from "@langchain/langgraph";
import type { TaskContext } from "@meanwhile/core";
import type { ThreadGraph } from "../run/thread-graph.ts";

/** Runs the graph, and reports each of its steps with the names of its nodes. */
export function callWithProgress(
  graph: ThreadGraph,
  config: object,
  { report }: Pick<TaskContext, "report">,
): (input: unknown) => Promise<void> {
  return async (input) => {
    let nodes: string[] = [];
    const streamMode = ["updates", "checkpoints"];
    const chunks = await graph.stream(input, { ...config, streamMode });
    for await (const [mode, chunk] of chunks as AsyncIterable<[mode: string, chunk: Chunk]>) {
      if (mode === "updates")
        nodes.push(...Object.keys(chunk).filter((name) => name !== INTERRUPT));
      else if (nodes.length > 0) {
        report({ completed: chunk.metadata?.step ?? 0, message: nodes.join(", ") });
        nodes = [];
      }
    }
  };
}

/** What is read of a checkpoint, whose step goes on counting when a run is taken up. */
interface Chunk {
  readonly metadata?: { readonly step?: number };
}
