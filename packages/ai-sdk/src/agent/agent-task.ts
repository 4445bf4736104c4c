import {
  type BackgroundManager,
  defineTask,
  MeanwhileError,
  type RetryOptions,
  type TaskContext,
  type TaskDefinition,
} from "@meanwhile/core";
import { clearSession } from "@meanwhile/core/adapters";
import { type Background, createBackground } from "../background.ts";
import type { CallResult } from "../run/conversation.ts";
import type { RunCall } from "../run/run-options.ts";
import { runUntilIdle } from "../run/run-until-idle.ts";
import { agentSession } from "./agent-session.ts";

/** What is used of a `ToolLoopAgent`. */
export interface SubAgent {
  generate(call: RunCall): PromiseLike<CallResult & { readonly text: string }>;
}

export interface AgentTaskOptions {
  /** See `TaskDefinition`; the tool's name for the model, where `toolName` gives no other. */
  readonly name: string;
  /** Shown to the model that starts it: what the agent can do. */
  readonly description: string;
  /** The manager that runs it, which is made with this definition: `() => manager`. */
  readonly manager: () => BackgroundManager;
  /**
   * The agent, or what makes it: called for each task with tools of the task's own, so that what
   * the agent starts in the background is told to it, and not to who started the agent.
   */
  readonly agent: SubAgent | ((background: Background) => SubAgent);
  readonly toolName?: string;
  /** Milliseconds for one attempt, but for those in which it waits for its tasks. @default none */
  readonly timeoutMs?: number;
  /** @default no failed attempt is tried again */
  readonly retry?: RetryOptions;
  /** What happens when the process died: it fails, or starts anew. @default "fail" */
  readonly recover?: "fail" | "restart";
}

export interface AgentInput {
  readonly prompt: string;
}

const agentEnded = "the agent that started it has ended";

/**
 * An agent as a task: it runs until it is idle, its own background tasks included, and its last
 * answer is the result. When it ends, its tasks that are still open are cancelled.
 *
 * @throws MeanwhileError `INVALID_DEFINITION`
 */
export function agentTask(
  options: AgentTaskOptions,
): TaskDefinition<AgentInput, string, AgentInput> {
  const { manager, agent, recover = "fail", ...definition } = options;

  async function run({ prompt }: AgentInput, context: TaskContext): Promise<string> {
    const background = createBackground(manager(), { session: agentSession(context.task.id) });
    const { session } = background;
    const subAgent = typeof agent === "function" ? agent(background) : agent;
    // Its turn is kept until its end: nobody else speaks in this session, and no wake begins there.
    return session.turn(
      async () => {
        await clearSession(session, agentEnded);
        try {
          return await answer(subAgent, background, prompt, context);
        } finally {
          await clearSession(session, agentEnded);
        }
      },
      { signal: context.signal },
    );
  }

  return defineTask<string, AgentInput>({
    ...definition,
    input: {
      type: "object",
      properties: { prompt: { type: "string", description: "What the agent is to do." } },
      required: ["prompt"],
      additionalProperties: false,
    },
    title: ({ prompt }) => prompt,
    run,
    recover:
      recover === "restart"
        ? "restart"
        : async (_input, context) => {
            await clearSession(manager().session(agentSession(context.task.id)), agentEnded);
            throw new MeanwhileError(
              "INTERRUPTED",
              "The process that ran the agent died. What it had done may have taken effect.",
            );
          },
  });
}

async function answer(
  agent: SubAgent,
  { session }: Background,
  prompt: string,
  { signal, report, waiting }: TaskContext,
): Promise<string> {
  let steps = 0;
  const { reason, result } = await runUntilIdle(
    session,
    {},
    {
      messages: [{ role: "user", content: prompt }],
      generate: (call) => agent.generate(call),
      signal,
      onTurnEnd: ({ result: ended }) => {
        steps += ended?.steps.length ?? 0;
        report({ completed: steps, message: "steps" });
      },
    },
    // The turn's own signal says no more than the task's, and sooner than the task is let go.
    { turn: async (run) => run({ signal }), wait: (work) => waiting("its tasks", work) },
  );
  if (reason === "idle" && result !== undefined) return result.text;
  signal.throwIfAborted();
  throw new MeanwhileError(
    "ERROR",
    reason === "waiting-for-tool-results"
      ? "The agent waits for an approval, or for a tool of the client's, and nobody can answer it here. Give it tools that run by themselves."
      : `The agent ended without an answer (${reason}).`,
  );
}
