export { type AnthropicFunctions, anthropic } from "./anthropic/anthropic.ts";
export type {
  AnthropicBlock,
  AnthropicMessage,
  AnthropicResponse,
  AnthropicTool,
} from "./anthropic/messages.ts";
export {
  type Background,
  type BackgroundOptions,
  background,
  type WaitOptions,
} from "./background.ts";
export type { CallOptions } from "./loop/call-tool.ts";
export type { Injection, InjectOptions } from "./loop/inject.ts";
export type { LoopFunctions, LoopOptions } from "./loop/loop-functions.ts";
export type { LoopTool } from "./loop/loop-tool.ts";
export type {
  AddedMessage,
  ModelRequest,
  RunEvent,
  RunOptions,
  RunResult,
  RunTurnOptions,
  TurnResult,
} from "./loop/run-options.ts";
export type {
  ChatAssistantMessage,
  ChatMessage,
  ChatResponse,
  ChatTool,
  ChatToolCall,
} from "./openai-chat/messages.ts";
export { type OpenAIChatFunctions, openaiChat } from "./openai-chat/openai-chat.ts";
export type {
  ResponsesItem,
  ResponsesOutputItem,
  ResponsesResponse,
  ResponsesTool,
} from "./openai-responses/messages.ts";
export {
  type OpenAIResponsesFunctions,
  openaiResponses,
} from "./openai-responses/openai-responses.ts";
