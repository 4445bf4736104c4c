import { anthropic } from "@ai-sdk/anthropic";
import { openai } from "@ai-sdk/openai";
import type { LanguageModel } from "ai";
import { chatScript } from "../scripted/chat-script.ts";
import { researchScript } from "../scripted/research-script.ts";
import { scriptedModel } from "../scripted/scripted-model.ts";

/** Answers the user. Plays by a script, unless there is a key for a provider. */
export function chatModel(): LanguageModel {
  return realModel() ?? scriptedModel(chatScript);
}

/** Researches, in an agent of its own. */
export function researchModel(): LanguageModel {
  return realModel() ?? scriptedModel(researchScript);
}

/** What the page says of the model. */
export function modelName(): string {
  const model = realModel();
  if (model === undefined) return "Scripted model";
  return typeof model === "string" ? model : model.modelId;
}

function realModel(): LanguageModel | undefined {
  const { env } = process;
  const name = env["MODEL"];
  if (env["OPENAI_API_KEY"]) return openai(name ?? "gpt-5-mini");
  if (env["ANTHROPIC_API_KEY"]) return anthropic(name ?? "claude-haiku-4-5");
  if (env["AI_GATEWAY_API_KEY"]) return name ?? "openai/gpt-5-mini";
  return undefined;
}
