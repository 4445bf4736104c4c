const prefix = "meanwhile-graph:";

/** The thread, and the session, of a task that runs a graph. */
export function graphSession(taskId: string): string {
  return `${prefix}${taskId}`;
}

/** Whether a session is that of a graph's task: it is told by the task itself, and needs no wake. */
export function isGraphSession(sessionId: string): boolean {
  return sessionId.startsWith(prefix);
}
