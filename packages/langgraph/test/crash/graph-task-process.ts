import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AIMessage } from "@langchain/core/messages";
import { MessagesValue, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { BackgroundManager } from "@meanwhile/core";
import { sqliteStore } from "@meanwhile/core/sqlite";
import { graphTask } from "../../src/index.ts";
import { sqliteSaver } from "../support/sqlite-saver.ts";

/**
 * A process that runs a graph as a task, or takes it up, and kills itself in the node that is named;
 * says in a file which nodes have begun.
 */
const [folder = "", killIn = ""] = process.argv.slice(2);

function node(name: string): () => { messages: AIMessage[] } {
  return () => {
    appendFileSync(join(folder, "nodes"), `${name}\n`);
    if (name === killIn) process.kill(process.pid, "SIGKILL");
    return { messages: [new AIMessage(name)] };
  };
}

const graph = new StateGraph(new StateSchema({ messages: MessagesValue }))
  .addNode("first", node("first"))
  .addNode("second", node("second"))
  .addNode("third", node("third"))
  .addEdge(START, "first")
  .addEdge("first", "second")
  .addEdge("second", "third")
  .compile({ checkpointer: sqliteSaver(new DatabaseSync(join(folder, "threads.db"))) });
const helper = graphTask({
  name: "helper",
  description: "Helps.",
  manager: () => manager,
  graph,
});
const manager: BackgroundManager = new BackgroundManager({
  store: sqliteStore({ path: join(folder, "state.db") }),
  directory: folder,
  tasks: [helper],
});
const session = manager.session("thread-1");
const [known] = await session.list();
const task =
  known === undefined
    ? await session.start(helper, { prompt: "help" })
    : await session.get<string>(known.id);
console.log(await task.result());
await manager.close();
