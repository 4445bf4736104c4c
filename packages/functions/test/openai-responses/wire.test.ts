import { expect, test } from "vitest";
import { openaiResponses } from "../../src/index.ts";
import { openSession } from "../support/test-session.ts";
import { responses } from "../wires/wires.ts";

test("the text is a user message after all outputs", async () => {
  await using background = openSession();
  await background.settle("tides");
  const items = [
    responses.user("hi"),
    ...responses.calls("a", "b"),
    ...responses.answers("b", "a"),
  ];

  const injection = await responses.functions(background.session).inject(items);

  expect(injection.messages).toEqual([
    ...items,
    { type: "message", role: "user", content: injection.text },
  ]);
});

test("items of the provider's own tools need no output", async () => {
  await using background = openSession();
  await background.settle("tides");
  const items = [
    { role: "user" as const, content: "hi" },
    { type: "web_search_call", id: "ws_1", status: "completed" },
    { role: "assistant" as const, content: "found" },
  ];

  const injection = await openaiResponses(background.session).inject(items);

  expect(injection.text).not.toBe("");
});

test("outputs alone are enough where the provider keeps the history", async () => {
  await using background = openSession();
  await background.settle("tides");

  const injection = await responses.functions(background.session).inject(responses.answers("a"));

  expect(injection.messages).toHaveLength(2);
});

test.each(["failed", "cancelled", "in_progress"])(
  "a response that is %s is an error, and what it was told is owed",
  async (status) => {
    await using background = openSession();
    await background.settle("tides");

    const running = openaiResponses(background.session).runTurn({
      messages: [{ role: "user", content: "hi" }],
      create: async () => ({ status, output: [], error: { message: "server_error" } }),
    });

    await expect(running).rejects.toThrow(`The response is ${status}: server_error`);
    expect(background.session.notifications.pending()).toBe(1);
  },
);
