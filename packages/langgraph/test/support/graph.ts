import type { BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { FakeBuiltModel } from "@langchain/core/testing";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { IterableReadableStream } from "@langchain/core/utils/stream";
import {
  Annotation,
  END,
  type LangGraphRunnableConfig,
  MemorySaver,
  MessagesAnnotation,
  MessagesValue,
  START,
  StateGraph,
  StateSchema,
  type StateSnapshot,
} from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import type { BackgroundManager } from "@meanwhile/core";
import {
  createNodes,
  meanwhileAnnotation,
  meanwhileState,
  type ThreadGraph,
  threadTools,
} from "../../src/index.ts";

const State = new StateSchema({ messages: MessagesValue, ...meanwhileState });
const Annotated = Annotation.Root({ ...MessagesAnnotation.spec, ...meanwhileAnnotation });

export interface GraphOptions {
  readonly manager: BackgroundManager;
  readonly model: FakeBuiltModel;
  readonly saver?: BaseCheckpointSaver;
  /** What a run with nothing left to do does. */
  readonly idle?: "wait" | "park" | "end";
  readonly schema?: "StateSchema" | "Annotation";
  /** Tools beside the manager's. */
  readonly tools?: readonly StructuredToolInterface[];
  /** Whether an error of a tool is answered to the model, or fails the run. @default "answer" */
  readonly toolErrors?: "answer" | "throw";
  /** Called in the model's node, before the model. */
  readonly before?: (messages: readonly BaseMessage[], config: LangGraphRunnableConfig) => unknown;
}

/** The graph of the README: drain, model, tools, and a node that waits or parks. */
export function buildGraph(options: GraphOptions): TestGraph {
  const { manager, model, saver = new MemorySaver(), idle = "end", before } = options;
  const nodes = createNodes(manager, { idle: idle === "end" ? "end" : "wait" });
  const tools = [...threadTools(manager), ...(options.tools ?? [])];
  const bound = model.bindTools(tools);
  const schema = options.schema === "Annotation" ? (Annotated as unknown as typeof State) : State;
  return new StateGraph(schema)
    .addNode("drain", nodes.drainNotifications)
    .addNode("model", async ({ messages }, config) => {
      await before?.(messages, config as LangGraphRunnableConfig);
      return { messages: [await bound.invoke(messages)] };
    })
    .addNode("tools", new ToolNode(tools, { handleToolErrors: options.toolErrors !== "throw" }))
    .addNode("wait", idle === "park" ? nodes.parkForTasks : nodes.waitForTasks)
    .addEdge(START, "drain")
    .addConditionalEdges("drain", nodes.routeAfterDrain, ["model", "wait", END])
    .addConditionalEdges("model", nodes.routeAfterModel, ["tools", "drain", "wait", END])
    .addEdge("tools", "drain")
    .addEdge("wait", "drain")
    .compile({ checkpointer: saver }) as unknown as TestGraph;
}

export interface Values {
  readonly messages: BaseMessage[];
  readonly _meanwhile?: string[];
}

/** What tests use of a compiled graph. */
export interface TestGraph extends ThreadGraph {
  invoke(input: unknown, config?: object): Promise<Values>;
  stream(input: unknown, config?: object): Promise<IterableReadableStream<unknown>>;
  getStateHistory(config: object): AsyncIterable<StateSnapshot>;
  updateState(config: object, values: object, asNode?: string): Promise<RunnableConfig>;
}

/** What a thread has saved. */
export async function savedMessages(
  graph: TestGraph,
  config: { readonly configurable: { readonly thread_id: string } },
): Promise<BaseMessage[]> {
  return ((await graph.getState(config)).values as { messages?: BaseMessage[] }).messages ?? [];
}
