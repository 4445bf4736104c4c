import { expect, test } from "vitest";
import { anthropic } from "../../src/index.ts";
import { tellings } from "../support/conversation.ts";
import { openSession } from "../support/test-session.ts";
import { claude } from "../wires/wires.ts";

test("the text goes after the tool results, in the same user message", async () => {
  await using background = openSession();
  await background.settle("tides");
  const messages = [claude.user("hi"), ...claude.calls("a"), ...claude.answers("a")];

  const injection = await claude.functions(background.session).inject(messages);

  expect(injection.messages).toEqual([
    ...messages.slice(0, 2),
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "a", content: "none" },
        { type: "text", text: injection.text },
      ],
    },
  ]);
});

test("a last user message is extended, since not every service merges two in a row", async () => {
  await using background = openSession();
  await background.settle("tides");

  const injection = await anthropic(background.session).inject([{ role: "user", content: "hi" }]);

  expect(injection.messages).toEqual([
    {
      role: "user",
      content: [
        { type: "text", text: "hi" },
        { type: "text", text: injection.text },
      ],
    },
  ]);
});

test("a failed tool is marked as an error", async () => {
  await using background = openSession();
  await using model = await claude.start([
    { calls: [{ id: "a", name: "nope", input: {} }] },
    { text: "Sorry." },
  ]);

  const { messages } = await claude
    .functions(background.session)
    .runUntilIdle({ messages: [claude.user("hi")], create: claude.create(model) });

  expect(messages[2]).toMatchObject({ content: [{ type: "tool_result", is_error: true }] });
});

test("a pause of the provider's own tools is sent again as it is; the text comes after", async () => {
  await using background = openSession();
  const search = { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} };
  const found = { type: "web_search_tool_result", tool_use_id: "srv_1", content: [] };
  const replies = [
    { content: [search], stop_reason: "pause_turn" },
    { content: [found, { type: "text", text: "Found." }], stop_reason: "end_turn" },
    { content: [{ type: "text", text: "I see." }], stop_reason: "end_turn" },
  ];
  const sent: object[][] = [];

  const result = await anthropic(background.session).runTurn({
    messages: [{ role: "user", content: "search" }],
    async create({ messages }) {
      sent.push(messages);
      if (sent.length === 1) await background.settle("tides");
      return replies[sent.length - 1] ?? { content: [], stop_reason: null };
    },
  });

  expect(sent[1]).toEqual([
    { role: "user", content: "search" },
    { role: "assistant", content: [search] },
  ]);
  expect(tellings(sent[2] ?? [], "all about tides")).toBe(1);
  expect(result).toMatchObject({ reason: "done", steps: 3 });
});

test("an answer without content is left out, since no later request may hold it", async () => {
  await using background = openSession();

  const { messages } = await anthropic(background.session).runTurn({
    messages: [{ role: "user", content: "hi" }],
    create: async () => ({ content: [], stop_reason: "end_turn" }),
  });

  expect(messages).toEqual([{ role: "user", content: "hi" }]);
});
