import { getConfig } from "@langchain/langgraph";
import type { BackgroundManager } from "@meanwhile/core";
import type { NodeConfig } from "@meanwhile/langgraph";

/** What is read of the runtime of a hook. */
interface Place {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined;
}

/** Most threads that are remembered, the newest. */
const mostThreads = 10_000;
const threadsOf = new WeakMap<BackgroundManager, Set<string>>();

/**
 * Whether a run goes on inside a tool that another run of the same thread has called, as an agent
 * does that a tool invokes: nobody speaks to it again, so it is the other one that is told.
 */
export function isInsideTool(manager: BackgroundManager, { configurable }: Place): boolean {
  const { checkpoint_ns: namespace, thread_id: thread } = configurable ?? {};
  const threads = threadsOf.get(manager) ?? new Set();
  threadsOf.set(manager, threads);
  const outer = typeof namespace === "string" ? namespace.split("|").slice(0, -1) : [];
  if (outer.some((part) => part.startsWith("tools:"))) return threads.has(String(thread));
  threads.delete(String(thread));
  threads.add(String(thread));
  const [oldest] = threads;
  if (threads.size > mostThreads && oldest !== undefined) threads.delete(oldest);
  return false;
}

/** Whether the run has a checkpointer: LangGraph hands it to the nodes under this name. */
export function isSaved({ configurable }: Place): boolean {
  return Boolean(configurable?.["__pregel_checkpointer"]);
}

/** The runtime of a hook, with what only the node's own configuration says. */
export function placed({ configurable }: Place): NodeConfig {
  return { ...getConfig(), configurable };
}
