import type { TaskDefinition } from "@meanwhile/core";
import {
  type GraphTaskOptions,
  type GraphTaskWithInput,
  graphTask,
  type PromptInput,
} from "@meanwhile/langgraph";
import { graphOf, type ThreadAgent } from "../run/thread-agent.ts";

/** What runs. */
interface WithAgent {
  /**
   * An agent with a checkpointer, or what makes it: called once, when the first such task runs,
   * since an agent whose middleware uses the manager can only be made when there is one.
   */
  readonly agent: ThreadAgent | (() => ThreadAgent);
}

export type AgentTaskOptions<Output> = WithAgent & Omit<GraphTaskOptions<Output>, "graph">;

/** With an input of your own. */
export type AgentTaskWithInput<Input, Parsed, Output> = WithAgent &
  Omit<GraphTaskWithInput<Input, Parsed, Output>, "graph">;

/**
 * An agent as a task, on a thread of its own: it runs until it is idle, its own background tasks
 * included, which report to it and not to who started it. Its last answer is the result; its
 * transcript is not. After a crash it goes on from its checkpoint. When it ends, its tasks that are
 * still open are cancelled.
 *
 * @throws MeanwhileError `INVALID_DEFINITION`; `INVALID_OPTION` for an agent without a checkpointer,
 * which fails the task where the agent is made later
 */
export function agentTask<Output = string>(
  options: AgentTaskOptions<Output> & { readonly input?: never; readonly toInput?: never },
): TaskDefinition<PromptInput, Output, PromptInput>;
export function agentTask<Input, Parsed, Output = string>(
  options: AgentTaskWithInput<Input, Parsed, Output>,
): TaskDefinition<Input, Output, Parsed>;
export function agentTask({ agent, ...options }: AgentTaskOptions<unknown>): unknown {
  const graph = typeof agent === "function" ? () => graphOf(agent()) : graphOf(agent);
  return graphTask({ ...options, graph });
}
