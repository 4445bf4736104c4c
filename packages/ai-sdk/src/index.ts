export { isAgentSession } from "./agent/agent-session.ts";
export {
  type AgentInput,
  type AgentTaskOptions,
  agentTask,
  type SubAgent,
} from "./agent/agent-task.ts";
export type { Attachment, AttachOptions, CallStart } from "./attach/attach.ts";
export type { PrepareStepOptions, StepPreparation } from "./attach/prepare-step.ts";
export type { Steering } from "./attach/steering.ts";
export type { Step } from "./attach/step.ts";
export {
  type Background,
  type BackgroundOptions,
  createBackground,
} from "./background.ts";
export type { ChatRunOptions, ChatStream, StreamResult } from "./chat/chat-options.ts";
export type { PushOptions } from "./chat/push-turn.ts";
export type { TaskData, TaskDataParts } from "./chat/task-data.ts";
export type { WakeTurnOptions } from "./chat/wake-turn.ts";
export type { WatchTasksOptions } from "./chat/watch-tasks.ts";
export { type CallResult, conversation } from "./run/conversation.ts";
export type { RunCall, RunLimits, RunReason } from "./run/run-options.ts";
export type { TurnEnd } from "./run/run-turn.ts";
export type { RunEnd } from "./run/run-turns.ts";
export type { RunOptions } from "./run/run-until-idle.ts";
export type { BackgroundFlag } from "./tools/background-flag.ts";
export type { Backgroundable, BackgroundableOptions } from "./tools/backgroundable.ts";
export { isTaskStarted, type TaskStarted } from "./tools/task-started.ts";
export type { CreateTools, DefinitionTools, TaskTools, ToolsOptions } from "./tools/tools.ts";
