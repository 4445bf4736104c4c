import { type BackgroundManager, MeanwhileError, type Session } from "@meanwhile/core";

/** What is read of the configuration that a node, a tool or a middleware is given. */
export interface ThreadConfig {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The session of a thread, which has the thread's id.
 *
 * @throws MeanwhileError `INVALID_OPTION` when the configuration names no thread
 */
export function threadSession(
  manager: BackgroundManager,
  config: ThreadConfig | undefined,
): Session {
  return manager.session(threadId(config));
}

/** @throws MeanwhileError `INVALID_OPTION` */
export function threadId(config: ThreadConfig | undefined): string {
  const id = config?.configurable?.["thread_id"];
  if (typeof id === "string" && id !== "") return id;
  if (typeof id === "number") return String(id);
  throw new MeanwhileError(
    "INVALID_OPTION",
    'Background tasks belong to a thread, and this run has none. Invoke the graph with { configurable: { thread_id: "…" } }, and compile it with a checkpointer.',
  );
}
