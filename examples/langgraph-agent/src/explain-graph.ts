import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  type BaseCheckpointSaver,
  ReducedValue,
  Send,
  START,
  StateGraph,
  StateSchema,
} from "@langchain/langgraph";
import { z } from "zod";

const Texts = z.array(z.string()).default(() => []);

const State = new StateSchema({
  question: z.string(),
  titles: z.array(z.string()),
  texts: new ReducedValue(Texts, { reducer: (known, added) => [...known, ...added] }),
  answer: z.string(),
});

/** Reads all articles of an encyclopedia at once, and answers a question from them. */
export function explainGraph(options: {
  readonly model: BaseChatModel;
  readonly checkpointer: BaseCheckpointSaver;
  /** Of the encyclopedia. */
  readonly url: string;
}) {
  const { model, checkpointer, url } = options;

  async function get(path: string, signal: AbortSignal | undefined): Promise<Response> {
    const response = await fetch(`${url}/${path}`, signal ? { signal } : {});
    if (!response.ok) throw new Error(`${path} answered with ${response.status}.`);
    return response;
  }

  return new StateGraph(State)
    .addNode("find", async (_state, { signal }) => ({
      titles: z.array(z.string()).parse(await (await get("articles", signal)).json()),
    }))
    .addNode("read", async ({ titles: [title] }: { titles: string[] }, { signal }) => ({
      texts: [await (await get(`articles/${title}`, signal)).text()],
    }))
    .addNode("write", async ({ question, texts }, config) => {
      const prompt = `Answer in three sentences, from the sources alone.\n\nQuestion: ${question}\n\nSources:\n${texts.join("\n")}`;
      return { answer: (await model.invoke(prompt, config)).text };
    })
    .addEdge(START, "find")
    .addConditionalEdges("find", ({ titles }) =>
      titles.map((title) => new Send("read", { titles: [title] })),
    )
    .addEdge("read", "write")
    .compile({ checkpointer });
}
