import { join } from "node:path";
import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { BackgroundManager, command, commandPolicy, downloadTask } from "@meanwhile/core";
import { sqliteStore } from "@meanwhile/core/sqlite";
import { createRunner, graphTask } from "@meanwhile/langgraph";
import { z } from "zod";
import { explainGraph } from "./explain-graph.ts";
import { researchGraph } from "./research-graph.ts";

export interface AgentOptions {
  /** For what has to outlive the process. */
  readonly folder: string;
  /** Where records are put, and commands run. */
  readonly workspace: string;
  readonly checkpointer: BaseCheckpointSaver;
  readonly model: BaseChatModel;
  /** Answers questions from sources. */
  readonly writer: BaseChatModel;
  /** Of the server that has the records and the articles. */
  readonly url: string;
  readonly callbacks: BaseCallbackHandler[];
}

/** The graph, the tasks that it may start, and the runner that keeps the two together. */
export function createAgent(options: AgentOptions) {
  const { folder, workspace, checkpointer, model, writer, url, callbacks } = options;
  const manager: BackgroundManager = new BackgroundManager({
    store: sqliteStore({ path: join(folder, "tasks.db") }),
    directory: join(folder, "tasks"),
    tasks: [
      // A private address has to be named.
      downloadTask({ directory: workspace, allowPrivate: [new URL(url).host] }),
      command,
      graphTask({
        name: "explain",
        description: "Looks a question up in an encyclopedia and explains it in three sentences.",
        input: z.object({ question: z.string() }),
        toInput: ({ question }) => ({ question }),
        result: ({ answer }) => String(answer),
        graph: explainGraph({ model: writer, checkpointer, url }),
        manager: () => manager,
      }),
    ],
    commands: commandPolicy({
      root: workspace,
      commands: {
        node: {
          arguments: {
            prefix: ["measure.mjs"],
            positionals: { kind: { path: /[a-z]+\.csv/ }, max: 1 },
          },
        },
      },
    }),
  });
  const graph = researchGraph({ manager, model, checkpointer });
  const runner = createRunner(graph, { manager, config: { callbacks, durability: "sync" } });
  return { manager, graph, runner };
}
