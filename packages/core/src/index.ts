export type { Clock, Random } from "./clock/clock.ts";
export type { ApprovalRequest, Approve } from "./command/approval/approval.ts";
export { type CommandInput, type CommandOutput, command } from "./command/definition.ts";
export { commandPolicy } from "./command/policy/command-policy.ts";
export type { EnvironmentOptions } from "./command/policy/environment.ts";
export type { CommandLimits } from "./command/policy/limits.ts";
export type { CommandPolicyOptions } from "./command/policy/options.ts";
export type {
  CommandDecision,
  CommandGrant,
  CommandPolicy,
  CommandRequest,
} from "./command/policy/policy.ts";
export type {
  ArgumentGrammar,
  ArgumentKind,
  CommandRule,
  PositionalGrammar,
} from "./command/policy/rule.ts";
export { type CurlGetOptions, curlGet } from "./command/policy/rules/curl-get.ts";
export { gitReadOnly } from "./command/policy/rules/git-read-only.ts";
export { nodeTest } from "./command/policy/rules/node-test.ts";
export { npmTest } from "./command/policy/rules/npm-test.ts";
export { readOnly } from "./command/policy/rules/read-only.ts";
export { tarCreate, tarExtract, tarList } from "./command/policy/rules/tar.ts";
export { type BubblewrapOptions, bubblewrap } from "./command/sandbox/bubblewrap.ts";
export { systemFolders } from "./command/sandbox/mounts.ts";
export type { SandboxRuntimeOptions } from "./command/sandbox/runtime-config.ts";
export type { Sandbox, SandboxCommand, SandboxedCommand } from "./command/sandbox/sandbox.ts";
export { type ClosableSandbox, sandboxRuntime } from "./command/sandbox/sandbox-runtime.ts";
export type { CreateDispatcher, Dispatcher, DispatchPort } from "./dispatch/dispatcher.ts";
export { embeddedDispatcher } from "./dispatch/embedded.ts";
export {
  type DownloadInput,
  type DownloadOptions,
  type DownloadOutput,
  download,
  downloadTask,
} from "./download/download.ts";
export { type ErrorCode, type ErrorDetails, MeanwhileError } from "./errors.ts";
export type { RetentionOptions } from "./lifecycle/retention.ts";
export type { CloseMode } from "./manager/engine.ts";
export type {
  ManagerEvent,
  ManagerEventName,
  ManagerEventOf,
  TaskEvent,
} from "./manager/events.ts";
export {
  BackgroundManager,
  type CloseOptions,
  type WakeContext,
  type WakeHandler,
} from "./manager/manager.ts";
export type { LimitOptions, ManagerOptions } from "./manager/options.ts";
export type { ListOptions, Session } from "./manager/session.ts";
export type { Delivery, NotificationQueue, ReceiveOptions } from "./notifications/delivery.ts";
export type { DescribeOptions } from "./notifications/describe.ts";
export type { TurnContext } from "./notifications/turns.ts";
export type { WakeOptions } from "./notifications/wakes.ts";
export type { OutputChunk, ReadOutputOptions } from "./output/reader.ts";
export type { JsonSchema, StandardSchema } from "./schema/standard-schema.ts";
export { memoryStore } from "./store/memory.ts";
export type {
  Change,
  Containment,
  ForeignChange,
  Notification,
  NotificationKind,
  NotificationRecord,
  Outcome,
  Outcomes,
  OwnerRecord,
  Progress,
  SessionSummary,
  Store,
  TaskError,
  TaskFacts,
  TaskOptions,
  TaskQuery,
  TaskRecord,
  TaskStatus,
  TerminalStatus,
  WatchFact,
} from "./store/store.ts";
export type { Activity, ActivityProbe } from "./task/activity.ts";
export type { TaskContext } from "./task/context.ts";
export { type DefineTask, type DefineTaskWithJsonSchema, defineTask } from "./task/define.ts";
export type {
  AdmissionContext,
  AnyDefinition,
  OpenContext,
  Recover,
  RetryOptions,
  TaskDefinition,
} from "./task/definition.ts";
export type { TaskHandle } from "./task/handle.ts";
export type { TaskSnapshot } from "./task/snapshot.ts";
export type { StallOptions } from "./task/stall-options.ts";
export type { StartOptions } from "./task/start-options.ts";
export type { Tool, ToolAnswer, ToolCallOptions } from "./tools/tool.ts";
export type { ToolsOptions } from "./tools/tools.ts";
