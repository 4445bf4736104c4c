import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { memoryStore } from "@meanwhile/core";
import { createBars } from "./bars.ts";
import { openConversation } from "./conversation.ts";
import { serveFile } from "./files.ts";
import type { Recording } from "./recording.ts";
import { runAgent } from "./run.ts";
import type { StageOptions } from "./together.ts";

/** The same work and the same questions, for an agent that waits for each result. */
export async function workInSequence(options: StageOptions): Promise<Recording> {
  const { folder, model, screen, signal } = options;
  const drawBars = createBars();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await using files = await serveFile(join(folder, "port"));
    return await runAgent({
      folder,
      store: memoryStore(),
      conversation: openConversation(),
      model,
      files,
      inSequence: true,
      signal,
      onTasks: (tasks) => screen.show(() => drawBars(tasks, screen.columns)),
    });
  } finally {
    screen.end("remove");
    await rm(folder, { recursive: true, force: true });
  }
}
