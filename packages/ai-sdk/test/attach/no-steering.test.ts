import { expect, test, vi } from "vitest";
import { openChat, tellings } from "../support/chat.ts";
import { scripted } from "../support/model.ts";

vi.mock("ai", async (original) => {
  const ai = await original<typeof import("ai")>();
  return { ...ai, experimental_createSteering: undefined };
});

test("without steering in the AI SDK, attach says which version has it", async () => {
  await using chat = openChat();

  expect(() => chat.background.attach()).toThrow(/7\.0\.160.*prepareStep/);
});

test("and prepareStep works", async () => {
  const { generateText } = await import("ai");
  await using chat = openChat();
  await chat.settle("tides");
  const { model, prompts } = scripted([{ text: "I see" }]);

  await generateText({ model, prompt: "go", ...chat.background.prepareStep() });

  expect(tellings(prompts[0] ?? [], "tides")).toBe(1);
  expect(chat.background.session.notifications.pending()).toBe(0);
});
