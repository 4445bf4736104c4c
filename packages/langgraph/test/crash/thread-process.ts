import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { END, MessagesValue, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { BackgroundManager, defineTask, type Store } from "@meanwhile/core";
import { sqliteStore } from "@meanwhile/core/sqlite";
import { createNodes, createRunner, meanwhileState, threadTools } from "../../src/index.ts";
import { notificationsIn } from "../../src/thread/told.ts";
import { sqliteSaver } from "../support/sqlite-saver.ts";

/**
 * A process with a thread in files: takes up what the one before left, talks about one topic, and
 * kills itself at its so-manieth call of storage, whether of the checkpointer or of the store.
 */
const [folder = "", topic = "", killAt = "", durability = "async"] = process.argv.slice(2);
let calls = 0;

function step(): void {
  calls += 1;
  if (String(calls) === killAt) process.kill(process.pid, "SIGKILL");
}

/** Dies before or after a call, so that it has happened or has not. */
function mortal<Part extends object>(part: Part, names: readonly (keyof Part)[]): Part {
  return new Proxy(part, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (!names.some((name) => name === key)) return value.bind(target);
      return async (...given: unknown[]) => {
        step();
        const result: unknown = await value.apply(target, given);
        step();
        return result;
      };
    },
  });
}

const research = defineTask({
  name: "research",
  description: "Looks something up.",
  input: { type: "object", properties: { topic: { type: "string" } }, required: ["topic"] },
  recover: "restart",
  run: async ({ topic: about }) => `all about ${about}`,
});
const store: Store = mortal(sqliteStore({ path: join(folder, "state.db") }), ["commit"]);
const manager = new BackgroundManager({ store, directory: folder, tasks: [research] });
const saver = mortal(sqliteSaver(new DatabaseSync(join(folder, "threads.db"))), [
  "put",
  "putWrites",
]);
const nodes = createNodes(manager, { idle: "end" });
const tools = threadTools(manager);
const graph = new StateGraph(new StateSchema({ messages: MessagesValue, ...meanwhileState }))
  .addNode("drain", nodes.drainNotifications)
  .addNode("model", ({ messages }) => ({ messages: [reply(messages)] }))
  .addNode("tools", new ToolNode(tools))
  .addNode("wait", nodes.waitForTasks)
  .addEdge(START, "drain")
  .addConditionalEdges("drain", nodes.routeAfterDrain, ["model", "wait", END])
  .addConditionalEdges("model", nodes.routeAfterModel, ["tools", "drain", "wait", END])
  .addEdge("tools", "drain")
  .addEdge("wait", "drain")
  .compile({ checkpointer: saver });
const runner = createRunner(graph, { manager, config: { durability } });
const config = { configurable: { thread_id: "thread-1" } };
const session = manager.session("thread-1");

await manager.open();
await settle();
if (topic !== "") {
  await runner.invoke({ messages: [new HumanMessage(topic)] }, config);
  await settle();
}
const { messages = [] } = (await graph.getState(config)).values as { messages?: BaseMessage[] };
const tasks = await session.list();
console.log(
  JSON.stringify({
    calls,
    tasks: tasks.map(({ id, status }) => ({ id, status })),
    told: messages.flatMap((message) => [...notificationsIn(message)]),
    last: messages.at(-1)?.text,
    owed: (await session.notifications.receive()).notifications.length,
  }),
);
await manager.close();

/** Until no task is open, nothing is owed, and the thread has come to its end. */
async function settle(): Promise<void> {
  for (;;) {
    const outcome = await runner.wake("thread-1");
    for (const { id } of await session.list({ status: ["queued", "running"] })) {
      for await (const _ of (await session.get(id)).events());
    }
    if (outcome === "nothing" && session.notifications.pending() === 0) return;
  }
}

function reply(said: readonly BaseMessage[]): AIMessage {
  const last = said.at(-1);
  const isUser = last instanceof HumanMessage && notificationsIn(last).length === 0;
  if (!isUser) return new AIMessage("done");
  const args = { topic: last.text };
  return new AIMessage({
    content: "",
    tool_calls: [{ type: "tool_call", id: `call-${last.text}`, name: "research", args }],
  });
}
