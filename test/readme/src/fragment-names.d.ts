import type { BackgroundManager, Session, TaskHandle } from "@meanwhile/core";

/** What a fragment may use without having made it. */
declare global {
  const manager: BackgroundManager;
  const session: Session;
  const task: TaskHandle;
  const userMessage: string;
  function runAgent(sessionId: string, text: string, signal?: AbortSignal): Promise<void>;
}
