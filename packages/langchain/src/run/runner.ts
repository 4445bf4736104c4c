import {
  createRunner as createGraphRunner,
  type Runner,
  type RunnerOptions,
} from "@meanwhile/langgraph";
import { type AgentGraph, graphOf, type ThreadAgent } from "./thread-agent.ts";

/** Runs the threads of an agent, each as the turns of its session. */
export type AgentRunner<Agent extends ThreadAgent> = Runner<AgentGraph<Agent>>;

/**
 * A runner for an agent that has a checkpointer and `meanwhileMiddleware`. Runs of one thread come
 * one after the other; what a run was told is acknowledged when the saved checkpoint holds it.
 *
 * @throws MeanwhileError `INVALID_OPTION` for an agent without a checkpointer
 */
export function createRunner<Agent extends ThreadAgent>(
  agent: Agent,
  options: RunnerOptions,
): AgentRunner<Agent> {
  return createGraphRunner(graphOf(agent), options);
}
