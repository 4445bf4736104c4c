/**
 * An agent over files, in a process of its own, which the test kills where it says `at <place>`:
 * `node agent-process.ts <folder> <durability> <place to stop at>`.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BackgroundManager, defineTask } from "@meanwhile/core";
import { sqliteStore } from "@meanwhile/core/sqlite";
import { createAgent } from "langchain";
import { z } from "zod";
import { sqliteSaver } from "../../../langgraph/test/support/sqlite-saver.ts";
import { createRunner, meanwhileMiddleware } from "../../src/index.ts";
import { say } from "../support/agent.ts";
import { brief, scripted } from "../support/model.ts";

const [folder = "", durability = "sync", place = "none"] = process.argv.slice(2);
const thread = "thread-1";
const config = { configurable: { thread_id: thread }, durability: durability as "sync" };

/** Never comes back where the test wants to kill. */
async function at(here: string): Promise<void> {
  if (here !== place) return;
  console.log(`at ${here}`);
  await new Promise(() => setInterval(() => {}, 1_000));
}

const answered = Promise.withResolvers<void>();
const dig = defineTask({
  name: "dig",
  description: "Digs.",
  input: z.object({}),
  recover: "restart",
  run: async () => {
    if (place === "work") await answered.promise;
    await at("work");
    return "all about gold";
  },
});
await using manager = new BackgroundManager({
  store: sqliteStore({ path: join(folder, "tasks.db") }),
  directory: join(folder, "tasks"),
  tasks: [dig],
});
const session = manager.session(thread);

const database = new DatabaseSync(join(folder, "checkpoints.db"));
const saver = sqliteSaver(database);
const put = saver.put.bind(saver);
saver.put = async (...given) => {
  const holds = JSON.stringify(given[1].channel_values).includes("all about gold");
  if (holds) await at("put");
  const saved = await put(...given);
  if (holds) await at("saved");
  return saved;
};

const isTold = (lines: readonly string[]): boolean => lines.some((line) => /about gold/.test(line));
const turns = Array.from({ length: 6 }, () => ({
  meanwhile: async () => {
    if (isTold(script.prompts.at(-1) ?? [])) await at("model");
  },
}));
const isNew = (await saver.getTuple(config)) === undefined;
const script = scripted(
  ...(isNew ? [{ calls: [{ name: "dig" }] }] : []),
  ...turns.map((turn, index) => ({ text: `answer ${index}`, ...turn })),
);
const agent = createAgent({
  model: script.model,
  middleware: [meanwhileMiddleware({ manager })],
  checkpointer: saver,
});
const runner = createRunner(agent, { manager, config: { durability } });

if (isNew) {
  await runner.invoke(say("dig"), config);
  answered.resolve();
  await session.notifications.wait();
  // Past the runner, so that nobody acknowledges.
  if (place === "end") await agent.invoke(say("and?"), config);
  else await runner.invoke(say("and?"), config);
  await at("end");
} else {
  answered.resolve();
  await runner.runUntilIdle(say("again"), config);
}
const { values } = await agent.graph.getState(config);
const owed = (await session.notifications.receive()).notifications.length;
console.log(JSON.stringify({ owed, lines: values.messages.map(brief) }));
