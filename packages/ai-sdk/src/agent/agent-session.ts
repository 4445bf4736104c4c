const prefix = "meanwhile-agent:";

/** The session in which a task's agent starts tasks of its own. */
export function agentSession(taskId: string): string {
  return `${prefix}${taskId}`;
}

/** Whether a session is that of an agent's task, and no chat: a wake has nothing to do there. */
export function isAgentSession(sessionId: string): boolean {
  return sessionId.startsWith(prefix);
}
