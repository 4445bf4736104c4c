import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { expect, expectTypeOf, test } from "vitest";
import { anthropic, openaiChat, openaiResponses } from "../src/index.ts";
import { openSession } from "./support/test-session.ts";
import { chat, claude, responses } from "./wires/wires.ts";

// Each loop is written as a user would, without a cast: that it compiles is half of the test.

test("the types of the openai package fit for Chat Completions", async () => {
  await using background = openSession();
  await using model = await chat.start([{ text: "hello" }, { text: "I see." }]);
  const client = new OpenAI({ baseURL: model.url, apiKey: "dummy" });
  const functions = openaiChat(background.session);
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "hi" }];

  const result = await functions.runUntilIdle({
    messages,
    create: ({ signal, ...request }) =>
      client.chat.completions.create({ model: "scripted", ...request }, { signal }),
  });
  const injection = await functions.inject([...result.messages, ...messages]);
  const { choices } = await client.chat.completions.create({
    model: "scripted",
    messages: injection.messages,
    tools: functions.tools,
  });

  expectTypeOf(result.messages).toEqualTypeOf<OpenAI.ChatCompletionMessageParam[]>();
  expect(choices[0]?.message.content).toBe("I see.");
});

test("the types of the openai package fit for Responses", async () => {
  await using background = openSession();
  await using model = await responses.start([{ text: "hello" }, { text: "I see." }]);
  const client = new OpenAI({ baseURL: model.url, apiKey: "dummy" });
  const functions = openaiResponses(background.session);
  const items: OpenAI.Responses.ResponseInputItem[] = [{ role: "user", content: "hi" }];

  const result = await functions.runUntilIdle({
    messages: items,
    create: ({ messages, tools, signal }) =>
      client.responses.create({ model: "scripted", input: messages, tools }, { signal }),
  });
  const injection = await functions.inject([...result.messages, ...items]);
  const { output_text } = await client.responses.create({
    model: "scripted",
    input: injection.messages,
    tools: functions.tools,
  });

  expectTypeOf(result.messages).toEqualTypeOf<OpenAI.Responses.ResponseInputItem[]>();
  expect(output_text).toBe("I see.");
});

test("the types of the Anthropic package fit", async () => {
  await using background = openSession();
  await using model = await claude.start([{ text: "hello" }, { text: "I see." }]);
  const client = new Anthropic({ baseURL: model.url, apiKey: "dummy" });
  const functions = anthropic(background.session);
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: "hi" }];
  const settings = { model: "scripted", max_tokens: 100 };

  const result = await functions.runUntilIdle({
    messages,
    create: ({ signal, ...request }) =>
      client.messages.create({ ...settings, ...request }, { signal }),
  });
  const injection = await functions.inject([...result.messages, ...messages]);
  const { content } = await client.messages.create({
    ...settings,
    messages: injection.messages,
    tools: functions.tools,
  });

  expectTypeOf(result.messages).toEqualTypeOf<Anthropic.MessageParam[]>();
  expect(content[0]).toMatchObject({ text: "I see." });
});

test("chat messages written in place need no type", async () => {
  await using background = openSession();
  await using model = await chat.start([{ text: "hello" }]);
  const client = new OpenAI({ baseURL: model.url, apiKey: "dummy" });

  const result = await openaiChat(background.session).runUntilIdle({
    messages: [{ role: "user", content: "hi" }],
    create: ({ signal, ...request }) =>
      client.chat.completions.create({ model: "scripted", ...request }, { signal }),
  });

  expect(result.steps).toBe(1);
});

test("response items written in place need no type", async () => {
  await using background = openSession();
  await using model = await responses.start([{ text: "hello" }]);
  const client = new OpenAI({ baseURL: model.url, apiKey: "dummy" });

  const result = await openaiResponses(background.session).runUntilIdle({
    messages: [{ role: "user", content: "hi" }],
    create: ({ messages, tools, signal }) =>
      client.responses.create({ model: "scripted", input: messages, tools }, { signal }),
  });

  expect(result.steps).toBe(1);
});
