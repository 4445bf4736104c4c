import { startSampleServer } from "../sample/sample-server.ts";
import { singleton } from "../server/singleton.ts";
import { manager } from "./manager.ts";
import { answerUnanswered, serveWakes } from "./serve-wakes.ts";

/** Takes up what an earlier process left, and leaves all to the next one when this one ends. */
export function startAgent(): void {
  singleton("agent", () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
    startSampleServer();
    serveWakes();
    answerUnanswered();
    return true;
  });
}

async function stop(): Promise<void> {
  try {
    await manager.close({ running: "leave" });
  } finally {
    process.exit(0);
  }
}
