import type { TaskContext } from "@meanwhile/core";
import type { ThreadGraph } from "../run/thread-graph.ts";

/** Runs the graph, reporting each of its steps, and gives the state that it ended with. */
export function callWithProgress(
  graph: ThreadGraph,
  config: object,
  { report }: Pick<TaskContext, "report">,
): (input: unknown) => Promise<unknown> {
  let steps = 0;
  return async (input) => {
    let nodes: string[] = [];
    let state: unknown;
    const chunks = await graph.stream(input, { ...config, streamMode: ["updates", "values"] });
    for await (const [mode, chunk] of chunks as AsyncIterable<[mode: string, chunk: object]>) {
      if (mode === "updates") {
        nodes.push(...Object.keys(chunk));
        continue;
      }
      state = chunk;
      // The first values are those before the first step.
      if (nodes.length > 0) report({ completed: ++steps, message: nodes.join(", ") });
      nodes = [];
    }
    return state;
  };
}
