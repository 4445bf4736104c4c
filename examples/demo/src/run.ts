import { join } from "node:path";
import { BackgroundManager, type Store, type TaskEvent } from "@meanwhile/core";
import { type AgentEvent, converse } from "./agent.ts";
import type { Conversation } from "./conversation.ts";
import type { DownloadServer } from "./download-server.ts";
import type { Model } from "./model.ts";
import { type TaskView, watchProgress } from "./progress.ts";
import { type Recording, startRecording } from "./recording.ts";
import { allowHashing, defineTasks } from "./tasks.ts";
import { script, speak } from "./user.ts";

export interface RunOptions {
  /** For the downloads and the output of the tasks. */
  readonly folder: string;
  readonly store: Store;
  readonly conversation: Conversation;
  readonly model: Model;
  readonly files: DownloadServer;
  readonly inSequence: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: AgentEvent) => void;
  readonly onTask?: (task: TaskView, event: TaskEvent) => void;
  /** Called once, with the list that grows as tasks are started. */
  readonly onTasks: (tasks: readonly TaskView[]) => void;
}

/** One run of the agent, from the user's first line that is left to the last result told. */
export async function runAgent(options: RunOptions): Promise<Recording> {
  const { folder, store, conversation, model, files, inSequence, signal } = options;
  const directory = join(folder, "files");
  const fileHost = `127.0.0.1:${files.port}`;
  const manager = new BackgroundManager({
    store,
    tasks: defineTasks({ model, directory, fileHost }),
    commands: allowHashing(),
    directory: join(folder, "tasks"),
  });
  const session = manager.session("demo");
  const recording = startRecording();
  using progress = watchProgress(manager, session, options.onTask ?? (() => {}));
  options.onTasks(progress.tasks);
  try {
    await manager.open();
    await converse({
      session,
      model,
      conversation,
      user: speak(script(files).slice(conversation.lines), signal),
      inSequence,
      signal,
      onEvent(event) {
        recording.event(event);
        options.onEvent?.(event);
      },
    });
    return recording.finish(progress.tasks);
  } finally {
    // Interrupted work is left for the next start, where the store outlives this process.
    await manager.close({ running: inSequence ? "cancel" : "leave" });
  }
}
