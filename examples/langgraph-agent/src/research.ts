import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { HumanMessage } from "@langchain/core/messages";
import { isGraphSession, isParked } from "@meanwhile/langgraph";
import { chooseModel } from "kit/choose-model";
import type { Story } from "kit/story";
import { watchModel } from "kit/watch-model";
import { watchTasks } from "kit/watch-tasks";
import { serveSamples } from "../sample/serve-samples.ts";
import { researchScript } from "../script/research-script.ts";
import { writerScript } from "../script/writer-script.ts";
import { createAgent } from "./agent.ts";
import { openCheckpoints } from "./checkpoints.ts";
import { threadIn } from "./thread-in.ts";

export interface ResearchOptions {
  /** What an interrupted run has left here is gone on with. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly story: Story;
  readonly signal: AbortSignal;
}

/** Asks the agent, and lets its thread be woken until it has come to its end. */
export async function research({ folder, env, story, signal }: ResearchOptions): Promise<void> {
  const workspace = join(folder, "workspace");
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  await copyFile(
    join(import.meta.dirname, "../sample/measure.mjs"),
    join(workspace, "measure.mjs"),
  );
  await using server = await serveSamples(join(folder, "port"), Number(env["SLOWNESS"] ?? 1));
  await using checkpoints = await openCheckpoints(join(folder, "threads.db"), env["DATABASE_URL"]);
  const { manager, graph, runner } = createAgent({
    folder,
    workspace,
    checkpointer: checkpoints.saver,
    model: await chooseModel(env, researchScript),
    writer: await chooseModel(env, writerScript),
    url: server.url,
    callbacks: [watchModel(story)],
  });
  // The sub-graph's own tasks are its own matter.
  watchTasks(manager, story, (session) => !isGraphSession(session));

  const config = { configurable: { thread_id: await threadIn(folder) } };
  const finished = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => finished.resolve(), { once: true });
  /** Behind each run, whoever began it. */
  const look = (state: unknown): void => {
    if (!isParked(state)) return finished.resolve();
    story.tell("note", "parked: nothing runs in the graph, and the process could end here");
  };
  manager.on("wake-start", ({ pending }) => story.tell("note", `woken: ${pending} to tell`));
  manager.on("wake-retry", ({ error }) => story.tell("note", `tried again soon: ${error}`));
  try {
    signal.throwIfAborted();
    const isNew = (await graph.getState(config)).values["messages"] === undefined;
    runner.autoWake({
      onWoken({ outcome, output }) {
        if (outcome !== "nothing") look(output);
      },
    });
    if (isNew) {
      const request = requestFor(server.url);
      story.tell("user", request);
      look(await runner.invoke({ messages: [new HumanMessage(request)] }, { ...config, signal }));
    } else {
      story.tell("note", "goes on with the thread of the start before");
      await runner.wake(config.configurable.thread_id, { signal });
      look(await graph.getState(config));
    }
    await finished.promise;
    signal.throwIfAborted();
  } finally {
    // What is not done is left for the next start.
    await manager.close({ running: "leave" });
  }
}

function requestFor(url: string): string {
  return (
    "Compare the tides of Brest, Dover and Lisbon. Their records of 2025 are at " +
    `${url}/<harbour>.csv. And explain why they differ.`
  );
}
