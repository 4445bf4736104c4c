import { expect, test } from "vitest";
import { openaiChat } from "../../src/index.ts";
import { openSession } from "../support/test-session.ts";
import { chat } from "../wires/wires.ts";

test("the text is a user message after all tool messages", async () => {
  await using background = openSession();
  await background.settle("tides");
  const messages = [chat.user("hi"), ...chat.calls("a", "b"), ...chat.answers("b", "a")];

  const injection = await chat.functions(background.session).inject(messages);

  expect(injection.messages).toEqual([...messages, { role: "user", content: injection.text }]);
});

test("a refusal is kept, an answer of nothing is left out", async () => {
  await using background = openSession();
  const { runTurn } = openaiChat(background.session);
  const messages = [{ role: "user" as const, content: "hi" }];
  const refusal = { role: "assistant" as const, content: null, refusal: "I cannot do that." };
  const nothing = { role: "assistant" as const, content: null, refusal: null };

  const refused = await runTurn({
    messages,
    create: async () => ({ choices: [{ message: refusal }] }),
  });
  const silent = await runTurn({
    messages,
    create: async () => ({ choices: [{ message: nothing }] }),
  });

  expect(refused.messages).toEqual([...messages, refusal]);
  expect(silent.messages).toEqual(messages);
});

test("a completion without a choice is an error, and what it was told is owed", async () => {
  await using background = openSession();
  await background.settle("tides");

  const running = openaiChat(background.session).runTurn({
    messages: [{ role: "user", content: "hi" }],
    create: async () => ({ choices: [] }),
  });

  await expect(running).rejects.toMatchObject({ code: "INVALID_INPUT" });
  expect(background.session.notifications.pending()).toBe(1);
});
