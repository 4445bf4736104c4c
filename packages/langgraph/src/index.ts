export { hasOpenCalls, isAnswered } from "./thread/open-calls.ts";
export {
  meanwhileAnnotation,
  meanwhileState,
  type ThreadState,
  type ThreadUpdate,
} from "./thread/state.ts";
export { type DrainOptions, type Telling, tellingOf } from "./thread/telling.ts";
export { type ThreadConfig, threadSession } from "./thread/thread-session.ts";
export { toldIn } from "./thread/told.ts";
export { type TaskArtifact, threadTools } from "./tools/thread-tools.ts";
