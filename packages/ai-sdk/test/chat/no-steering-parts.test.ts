import { streamText, type UIMessage } from "ai";
import { expect, test, vi } from "vitest";
import { openChat, tellings } from "../support/chat.ts";
import { scripted } from "../support/model.ts";

/** As before 7.0.163: such parts are not known. */
vi.mock("ai", async (original) => {
  const ai = await original<typeof import("ai")>();
  const convertToModelMessages: typeof ai.convertToModelMessages = (messages, options) =>
    ai.convertToModelMessages(
      messages.map((message) => ({
        ...message,
        parts: message.parts.filter(({ type }) => type !== "steering-message"),
      })),
      options,
    );
  return { ...ai, convertToModelMessages };
});

test("without steering parts in the AI SDK, chats say which version has them, and pay for nothing", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const { model, prompts } = scripted([]);
  const options = {
    messages: [] as UIMessage[],
    stream: (call: object) => streamText({ model, prompt: "go", ...call }),
  };
  const { background } = chat;

  await expect(background.streamTurn(options)).rejects.toThrow(/7\.0\.163/);
  await expect(background.streamUntilIdle(options)).rejects.toThrow(/7\.0\.163/);
  await expect(background.pushTurn(options)).rejects.toThrow(/7\.0\.163/);
  const wake = { signal: new AbortController().signal };
  await expect(background.wakeTurn(wake, options)).rejects.toThrow(/7\.0\.163/);
  expect(prompts).toEqual([]);
  expect(background.session.notifications.pending()).toBe(1);
});

test("and runUntilIdle works", async () => {
  const { generateText } = await import("ai");
  await using chat = openChat();
  await chat.settle("tides");
  const { model, prompts } = scripted([{ text: "I see" }]);

  await chat.background.runUntilIdle({
    messages: [{ role: "user", content: "go" }],
    generate: (call) => generateText({ model, ...call }),
  });

  expect(tellings(prompts[0] ?? [], "tides")).toBe(1);
  expect(chat.background.session.notifications.pending()).toBe(0);
});
