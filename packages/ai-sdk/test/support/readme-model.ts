import { MockLanguageModelV4 } from "ai/test";

/**
 * Preloaded before a block of the README, where models are named by a text: calls the one tool
 * that the test names, and answers differently once it was told of a task.
 */
const call = { type: "tool-call" as const, toolCallId: "a", ...readCall() };
const model = new MockLanguageModelV4({
  doGenerate: async ({ prompt, tools }) => {
    const isTold = JSON.stringify(prompt).includes("<task-notification");
    const hasTool = tools?.some(({ name }) => name === call.toolName) ?? false;
    const calls = hasTool && !prompt.some(({ role }) => role === "assistant");
    const text = isTold ? "It is in." : "It runs.";
    return {
      content: calls ? [call] : [{ type: "text", text }],
      finishReason: { unified: calls ? "tool-calls" : "stop", raw: undefined },
      usage: {
        inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
        outputTokens: { total: 1, text: 1, reasoning: undefined },
      },
      warnings: [],
    };
  },
});
Object.assign(globalThis, {
  AI_SDK_DEFAULT_PROVIDER: { specificationVersion: "v4", languageModel: () => model },
});

function readCall(): { toolName: string; input: string } {
  return JSON.parse(process.env["README_CALL"] ?? "{}") as { toolName: string; input: string };
}
