import { generateText, isStepCount, type ModelMessage } from "ai";
import { describe, expect, test } from "vitest";
import { conversation } from "../../src/index.ts";
import { openChat, tellings } from "../support/chat.ts";
import { anthropic } from "../support/providers/anthropic.ts";
import { google } from "../support/providers/google.ts";
import { openAiChat } from "../support/providers/openai-chat.ts";
import { openAiResponses } from "../support/providers/openai-responses.ts";
import type { Item } from "../support/providers/provider.ts";

const research = (topic: string) => ({ name: "research", input: { topic } });
const look = { name: "list_tasks", input: {} };

/** What all of them want: results right behind the calls, and something to answer at the end. */
function checkOrder(items: readonly Item[]): void {
  const open = new Set<string>();
  for (const item of items) {
    if (item.is === "call") open.add(item.id);
    else if (item.is === "result") {
      if (!open.delete(item.id)) throw new Error("400: a result without its call");
    } else if (open.size > 0) {
      throw new Error(`400: ${item.is} between a call and its result`);
    }
  }
  if (open.size > 0) throw new Error("400: a call without its result");
  if (items.at(-1)?.is !== "user" && items.at(-1)?.is !== "result") {
    throw new Error("400: nothing to answer at the end");
  }
}

describe.each([openAiChat, openAiResponses, anthropic, google])("to $name", (provider) => {
  test.each(["attach", "prepareStep"] as const)(
    "%s sends results in an order that it accepts, and never changes what was sent",
    async (way) => {
      await using chat = openChat();
      const { model, requests } = provider.open([
        {
          text: "I start two",
          calls: [research("tides"), research("winds")],
          meanwhile: () => chat.settle("moon"),
        },
        { calls: [look, look], meanwhile: () => chat.finish("tides") },
        { text: "tides are in", meanwhile: () => chat.finish("winds") },
        { text: "winds, too" },
        { calls: [look] },
        { text: "you are welcome" },
      ]);
      const tools = chat.background.tools();
      let messages: ModelMessage[] = [{ role: "user", content: "go" }];
      const turn = async (): Promise<void> => {
        const result = await generateText({
          model,
          tools,
          messages,
          maxRetries: 0,
          stopWhen: isStepCount(10),
          ...chat.background[way](),
        });
        messages = JSON.parse(JSON.stringify(conversation(messages, result))) as ModelMessage[];
      };

      await turn();
      if (way === "prepareStep") await turn();
      messages.push({ role: "user", content: "thanks" });
      await turn();

      expect(requests).toHaveLength(6);
      for (const [index, request] of requests.entries()) {
        checkOrder(provider.items(request));
        const before = requests[index - 1] ?? [];
        expect(request.slice(0, before.length)).toEqual(before);
      }
      for (const topic of ["moon", "tides", "winds"]) {
        expect(tellings(requests.at(-1) ?? [], topic)).toBe(1);
      }
      expect(chat.background.session.notifications.pending()).toBe(0);
    },
  );
});
