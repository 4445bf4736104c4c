export { isGraphSession } from "./graph-task/graph-session.ts";
export {
  type GraphTaskOptions,
  type GraphTaskWithInput,
  graphTask,
  type PromptInput,
} from "./graph-task/graph-task.ts";
export type { AnswerQuestion } from "./graph-task/run-to-end.ts";
export { awaitNews, type TaskChunk } from "./nodes/await-news.ts";
export { createNodes, type NodeNames, type Nodes, type NodesOptions } from "./nodes/nodes.ts";
export { isParked, type ParkValue, park } from "./run/parked.ts";
export type { IdleEnd, IdleReason, RunLimits } from "./run/run-until-idle.ts";
export {
  type AutoWakeOptions,
  createRunner,
  type RunConfig,
  type Runner,
  type RunnerOptions,
  type WokenThread,
} from "./run/runner.ts";
export type { ThreadGraph } from "./run/thread-graph.ts";
export type { WakeOutcome } from "./run/wake-thread.ts";
export { hasOpenCalls, isAnswered } from "./thread/open-calls.ts";
export type { NodeConfig } from "./thread/place.ts";
export {
  meanwhileAnnotation,
  meanwhileState,
  type ThreadState,
  type ThreadUpdate,
} from "./thread/state.ts";
export { type DrainOptions, type Telling, tellingOf } from "./thread/telling.ts";
export { type ThreadConfig, threadSession } from "./thread/thread-session.ts";
export { toldIn } from "./thread/told.ts";
export { type CallConfig, callKey } from "./tools/call-key.ts";
export { type TaskArtifact, threadTools } from "./tools/thread-tools.ts";
