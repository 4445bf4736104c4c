import type { RunCall } from "@meanwhile/ai-sdk";
import { isStepCount, streamText, type ToolSet } from "ai";
import { sampleOrigin } from "../sample/sample-origin.ts";
import { chatModel } from "./model.ts";

const instructions = `You are a helpful assistant with slow tools that run in the background.
Start what the user asks for, say so in a sentence, and go on talking; you are told when it ends.
For a sample download use ${sampleOrigin}/NAME.csv.
Commands run in a folder with check.mjs, deploy.mjs and notes.txt: "node check.mjs" checks the
project, "node deploy.mjs" deploys it, which the user is asked to allow on the page.`;

/** How the model is called, whoever begins the turn. */
export function answer(tools: ToolSet): (call: RunCall) => ReturnType<typeof streamText> {
  return (call) =>
    streamText({
      model: chatModel(),
      instructions,
      tools,
      stopWhen: isStepCount(20),
      ...call,
    });
}
