import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { MemorySaver } from "@langchain/langgraph";
import { BackgroundManager } from "@meanwhile/core";
import {
  backgroundable,
  backgroundSummarization,
  createRunner,
  meanwhileMiddleware,
} from "@meanwhile/langchain";
import { createAgent, humanInTheLoopMiddleware } from "langchain";
import { buildIndex, checkLinks, publish } from "./tools.ts";

const systemPrompt = `You look after a web site. Run slow work in the background, say in a sentence
what runs, and end your turn: you are told when it is done. Publish a site only once its search
index is built.`;

export type SiteAgent = ReturnType<typeof createSiteAgent>;

/** An agent whose slow tools run in the background, and which asks before it publishes. */
export function createSiteAgent(options: {
  readonly model: BaseChatModel;
  /** Condenses the conversation. */
  readonly summariser: BaseChatModel;
  readonly callbacks: BaseCallbackHandler[];
}) {
  const { model, summariser, callbacks } = options;
  const manager = new BackgroundManager({ tasks: [buildIndex] });
  const agent = createAgent({
    model,
    systemPrompt,
    tools: [backgroundable(checkLinks, { manager, title: "Link check" }), publish],
    middleware: [
      meanwhileMiddleware({ manager }),
      // Far too early for a real conversation: so that it happens in this one.
      backgroundSummarization({
        manager,
        model: summariser,
        trigger: { messages: 10 },
        keep: { messages: 2 },
      }),
      humanInTheLoopMiddleware({
        interruptOn: { publish: { allowedDecisions: ["approve", "reject"] } },
      }),
    ],
    checkpointer: new MemorySaver(),
  });
  const runner = createRunner(agent, { manager, config: { callbacks } });
  return { manager, agent, runner };
}
