export {
  type AnswerQuestion,
  type IdleEnd,
  type IdleReason,
  isGraphSession as isAgentSession,
  isParked,
  type ParkValue,
  type PromptInput,
  type RunConfig,
  type RunLimits,
  type Runner,
  type RunnerOptions,
  type TaskChunk,
  type WakeOutcome,
  type WokenThread,
} from "@meanwhile/langgraph";
export { type AgentTaskOptions, type AgentTaskWithInput, agentTask } from "./agent/agent-task.ts";
export {
  type BackgroundSummarizationOptions,
  backgroundSummarization,
} from "./history/background-summarization.ts";
export type { HistorySize, TokenCounter } from "./history/size.ts";
export type { Idle } from "./middleware/idle.ts";
export {
  type MeanwhileMiddlewareOptions,
  meanwhileMiddleware,
} from "./middleware/meanwhile-middleware.ts";
export { type AgentRunner, createRunner } from "./run/runner.ts";
export type { AgentGraph, ThreadAgent } from "./run/thread-agent.ts";
export type { BackgroundFlag } from "./tools/background-flag.ts";
export { type BackgroundableOptions, backgroundable } from "./tools/backgroundable.ts";
