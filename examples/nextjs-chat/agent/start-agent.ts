import { startSampleServer } from "../sample/sample-server.ts";
import { singleton } from "../server/singleton.ts";
import { manager } from "./manager.ts";
import { answerUnanswered, serveWakes } from "./serve-wakes.ts";

/** Takes up what an earlier process left, and leaves all to the next one when this one ends. */
export async function startAgent(): Promise<void> {
  await singleton("agent", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
    startSampleServer();
    serveWakes();
    await answerUnanswered();
  });
}

async function stop(): Promise<void> {
  try {
    await manager.close({ running: "leave" });
  } finally {
    process.exit(0);
  }
}
