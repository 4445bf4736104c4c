import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type Script, ScriptedModel } from "./scripted-model.ts";

/** A real model where the environment names one, else a scripted one. */
export async function chooseModel(env: NodeJS.ProcessEnv, script: Script): Promise<BaseChatModel> {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, MODEL: model } = env;
  if (!apiKey && !baseURL) return new ScriptedModel({ script });
  const { ChatOpenAI } = await import("@langchain/openai");
  return new ChatOpenAI({
    model: model || "gpt-5-mini",
    // A model on one's own machine asks for no key, but the client does.
    apiKey: apiKey || "none",
    configuration: { baseURL: baseURL || undefined },
    maxRetries: 2,
  });
}

/** For people. */
export function describeModel({
  OPENAI_API_KEY,
  OPENAI_BASE_URL,
  MODEL,
}: NodeJS.ProcessEnv): string {
  if (!OPENAI_API_KEY && !OPENAI_BASE_URL) return "scripted (OPENAI_API_KEY brings a real one)";
  return `${MODEL || "gpt-5-mini"} at ${OPENAI_BASE_URL || "api.openai.com"}`;
}

/** In words, what kept a real model from answering; undefined for what is no such error. */
export function modelError(error: unknown): string | undefined {
  if (!(error instanceof Error && "status" in error)) return undefined;
  return `The model does not answer: ${error.message}`;
}
