import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { sqliteStore } from "@meanwhile/core/sqlite";
import { createBars } from "./bars.ts";
import { openConversation } from "./conversation.ts";
import { serveFile } from "./files.ts";
import { createMilestones } from "./milestones.ts";
import type { Model } from "./model.ts";
import type { Recording } from "./recording.ts";
import { runAgent } from "./run.ts";
import type { Screen } from "./screen.ts";
import { createTranscript } from "./transcript.ts";

export interface StageOptions {
  /** Everything that is written goes here, and is deleted at the end. */
  readonly folder: string;
  readonly model: Model;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

export interface Together {
  readonly recording: Recording;
  /** Whether it went on from an interrupted run. */
  readonly isResumed: boolean;
}

/**
 * The agent at work with background tasks. What it needs to go on after an interruption is in the
 * folder: the store, the conversation, what was downloaded, and the port of the file's URL.
 */
export async function workTogether(options: StageOptions): Promise<Together> {
  const { folder, model, screen, signal } = options;
  const conversationFile = join(folder, "conversation.json");
  const isResumed = existsSync(conversationFile);
  if (!isResumed) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await using files = await serveFile(join(folder, "port"));

  const transcript = createTranscript(screen, performance.now());
  const milestones = createMilestones(transcript.note, { everyQuarter: !screen.isLive });
  const drawBars = createBars();
  if (isResumed) transcript.note("goes on where it was interrupted");
  const recording = await runAgent({
    folder,
    store: sqliteStore({ path: join(folder, "state.db") }),
    conversation: openConversation(conversationFile),
    model,
    files,
    inSequence: false,
    signal,
    onEvent: transcript.event,
    onTask: milestones,
    onTasks: (tasks) => screen.show(() => drawBars(tasks, screen.columns)),
  });
  screen.end("remove");
  await rm(folder, { recursive: true, force: true });
  return { recording, isResumed };
}
