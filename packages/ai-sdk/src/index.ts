export type { Attachment, AttachOptions, CallStart } from "./attach/attach.ts";
export type { PrepareStepOptions, StepPreparation } from "./attach/prepare-step.ts";
export type { Steering } from "./attach/steering.ts";
export type { Step } from "./attach/step.ts";
export { type Background, type BackgroundOptions, createBackground } from "./background.ts";
export { type CallResult, conversation } from "./run/conversation.ts";
export type { CreateTools, DefinitionTools, TaskTools, ToolsOptions } from "./tools/tools.ts";
