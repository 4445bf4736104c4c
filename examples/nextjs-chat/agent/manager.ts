import { join } from "node:path";
import { agentTask } from "@meanwhile/ai-sdk";
import { BackgroundManager, command } from "@meanwhile/core";
import { sqliteStore } from "@meanwhile/core/sqlite";
import { isStepCount, ToolLoopAgent } from "ai";
import { singleton } from "../server/singleton.ts";
import { stateFolder } from "../server/state-folder.ts";
import { commands } from "./command-policy.ts";
import { download } from "./download.ts";
import { lookUp } from "./look-up.ts";
import { researchModel } from "./model.ts";

/** The manager, together with the definitions that it knows: a second evaluation of this module
 * would make others of the same names. */
export const { manager, chatTasks } = singleton("manager", () => {
  const research = agentTask({
    name: "research",
    description: "An agent of its own that researches a topic and gives a summary. Takes a while.",
    manager: (): BackgroundManager => made,
    agent: (background) =>
      new ToolLoopAgent({
        model: researchModel(),
        instructions: "Look up three aspects of the topic, then summarise in a few words.",
        tools: background.tools({ definitions: [lookUp] }),
        stopWhen: isStepCount(20),
      }),
    recover: "restart",
  });
  const made = new BackgroundManager({
    store: sqliteStore({ path: join(stateFolder, "tasks.db") }),
    directory: join(stateFolder, "tasks"),
    tasks: [download, command, research, lookUp],
    commands,
    limits: { perSession: { concurrency: 4, queued: 50 } },
  });
  // What the model of a chat may start.
  return { manager: made, chatTasks: { download, run_command: command, research } as const };
});
