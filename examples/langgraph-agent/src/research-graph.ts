import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { SystemMessage } from "@langchain/core/messages";
import {
  type BaseCheckpointSaver,
  END,
  type GraphNode,
  MessagesValue,
  START,
  StateGraph,
  StateSchema,
} from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import type { BackgroundManager } from "@meanwhile/core";
import { createNodes, meanwhileState, threadTools } from "@meanwhile/langgraph";

const State = new StateSchema({ messages: MessagesValue, ...meanwhileState });

const instructions = `You research for the user. Downloads, commands and explanations run in the
background: start all that can run at once, say in a sentence what you have started, and end your
turn. You are told when something is done, and go on with what can be done then. A record that was
downloaded is measured by the command "node measure.mjs <its file>". When all is there, answer with
a report; until then say in one sentence what is new.`;

/**
 * Calls the model and its tools in a loop. When there is nothing to do but to wait, the thread is
 * parked: the run ends, and the thread's next news take it up.
 */
export function researchGraph(options: {
  readonly manager: BackgroundManager;
  readonly model: BaseChatModel;
  readonly checkpointer: BaseCheckpointSaver;
}) {
  const { manager, model, checkpointer } = options;
  const tools = threadTools(manager);
  const withTools = model.bindTools?.(tools) ?? model;
  const nodes = createNodes(manager);

  const callModel: GraphNode<typeof State> = async ({ messages }, config) => ({
    messages: [await withTools.invoke([new SystemMessage(instructions), ...messages], config)],
  });

  return new StateGraph(State)
    .addNode("drain", nodes.drainNotifications)
    .addNode("model", callModel)
    .addNode("tools", new ToolNode(tools))
    .addNode("wait", nodes.parkForTasks)
    .addEdge(START, "drain")
    .addConditionalEdges("drain", nodes.routeAfterDrain, ["model", "wait", END])
    .addConditionalEdges("model", nodes.routeAfterModel, ["tools", "drain", "wait", END])
    .addEdge("tools", "drain")
    .addEdge("wait", "drain")
    .compile({ checkpointer });
}
