import type { TaskStatus, TerminalStatus } from "../store/store.ts";

/** Whether the status is one that a task never leaves. */
export function isTerminal(status: TaskStatus): status is TerminalStatus {
  return status === "completed" || status === "failed" || status === "cancelled";
}
