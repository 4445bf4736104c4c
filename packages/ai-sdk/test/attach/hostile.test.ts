import { BackgroundManager, memoryStore } from "@meanwhile/core";
import {
  convertToModelMessages,
  generateText,
  isStepCount,
  type ModelMessage,
  pruneMessages,
  readUIMessageStream,
  streamText,
  tool,
  toUIMessageStream,
  type UIMessage,
  validateUIMessages,
} from "ai";
import { expect, test } from "vitest";
import { z } from "zod";
import { conversation, createBackground } from "../../src/index.ts";
import { openChat, tellings } from "../support/chat.ts";
import { scripted } from "../support/model.ts";

const go: ModelMessage[] = [{ role: "user", content: "go" }];

const deploy = tool({
  description: "Deploys.",
  inputSchema: z.object({ to: z.string() }),
  execute: async ({ to }) => `deployed to ${to}`,
});

test("what a stream was told that nobody reads to its end is owed again after the lease", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const { model, hanging } = scripted([{ hangs: true }]);
  const { stream } = streamText({ model, messages: go, ...chat.background.attach() });
  const reader = stream.getReader();
  await reader.read();
  await hanging;
  expect(chat.background.session.notifications.pending()).toBe(0);

  // The AI SDK does not end a call whose reader left, nor tell of it.
  void reader.cancel();
  await chat.clock.advance(600_000);

  expect(await chat.background.session.notifications.wait()).toBe(true);
});

test("pruned messages keep what they tell, and are not told again", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const { model, prompts } = scripted([
    { calls: [{ name: "list_tasks", input: {} }] },
    { text: "I see" },
    { text: "yes" },
  ]);
  const tools = chat.background.tools();
  const prune = { reasoning: "all", toolCalls: "before-last-message" } as const;

  const result = await generateText({
    model,
    tools,
    messages: go,
    stopWhen: isStepCount(5),
    prepareStep: ({ messages }) => ({ messages: pruneMessages({ messages, ...prune }) }),
    ...chat.background.attach(),
  });
  const messages = pruneMessages({ messages: conversation(go, result), toolCalls: "all" });
  messages.push({ role: "user", content: "and?" });
  await generateText({ model, tools, messages, ...chat.background.attach() });

  expect(prompts.map((lines) => tellings(lines, "tides"))).toEqual([1, 1, 1]);
  expect(prompts[2]?.some((line) => line.startsWith("tool"))).toBe(false);
  expect(chat.background.session.notifications.pending()).toBe(0);
});

test("a prepareStep that drops the message is told so, and it stays owed", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const { model, prompts } = scripted([{ text: "hi" }]);
  const errors: unknown[] = [];

  await generateText({
    model,
    messages: go,
    stopWhen: isStepCount(5),
    prepareStep: ({ initialMessages }) => ({ messages: initialMessages }),
    ...chat.background.attach({ onError: (error) => errors.push(error) }),
  });

  expect(prompts).toEqual([["user:go"]]);
  expect(errors).toMatchObject([{ code: "INVALID_OPTION" }]);
  expect(await chat.background.session.notifications.wait()).toBe(true);
});

test("a call that does not take steering does not hang, says so, and it stays owed", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const { model, prompts } = scripted([{ text: "hi" }]);
  const errors: unknown[] = [];
  const { experimental_steering: _, ...others } = chat.background.attach({
    onError: (error) => errors.push(error),
  });

  const { text } = await generateText({ model, messages: go, ...others });

  expect(text).toBe("hi");
  expect(prompts).toEqual([["user:go"]]);
  expect(errors).toMatchObject([{ code: "INVALID_OPTION" }]);
  expect(await chat.background.session.notifications.wait()).toBe(true);
});

test("nothing is told while an approval is pending, and behind the tool's answer afterwards", async () => {
  await using chat = openChat();
  const tools = { deploy };
  const toolApproval = { deploy: "user-approval" } as const;
  const { model, prompts } = scripted([
    {
      calls: [{ name: "deploy", input: { to: "moon" } }],
      meanwhile: () => chat.settle("tides"),
    },
    { text: "done" },
  ]);

  const asked = await generateText({
    model,
    tools,
    toolApproval,
    messages: go,
    stopWhen: isStepCount(5),
    ...chat.background.attach({ idle: "wait" }),
  });
  expect(chat.background.session.notifications.pending()).toBe(1);

  const request = asked.content.find((part) => part.type === "tool-approval-request");
  const messages: ModelMessage[] = [
    ...conversation(go, asked),
    {
      role: "tool",
      content: [
        { type: "tool-approval-response", approvalId: request?.approvalId ?? "", approved: true },
      ],
    },
  ];
  const result = await generateText({
    model,
    tools,
    toolApproval,
    messages,
    stopWhen: isStepCount(5),
    ...chat.background.attach(),
  });

  expect(result.text).toBe("done");
  const roles = conversation(messages, result).map(({ role }) => role);
  expect(roles).toEqual(["user", "assistant", "tool", "tool", "user", "assistant"]);
  expect(tellings(prompts[1] ?? [], "tides")).toBe(1);
  expect(prompts[1]?.at(-2)).toContain("deployed to moon");
});

test("a call on a conversation with open calls is told nothing", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const { model } = scripted([]);
  const messages: ModelMessage[] = [
    ...go,
    {
      role: "assistant",
      content: [{ type: "tool-call", toolCallId: "a", toolName: "deploy", input: { to: "moon" } }],
    },
  ];

  await generateText({ model, messages, maxRetries: 0, ...chat.background.attach() }).catch(
    () => {},
  );

  expect(chat.background.session.notifications.pending()).toBe(1);
});

test("a saved and reloaded chat shows what was told, and is not told it again", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const first = scripted([{ text: "I see" }]);
  const question: UIMessage = { id: "1", role: "user", parts: [{ type: "text", text: "go" }] };
  const failing = chat.background.attach({
    onStepEnd: () => Promise.reject(new Error("the process dies here")),
    onError: () => {},
  });
  const { stream } = streamText({ model: first.model, messages: go, ...failing });
  let answer: UIMessage | undefined;
  for await (const message of readUIMessageStream({ stream: toUIMessageStream({ stream }) })) {
    answer = message;
  }
  await chat.background.session.notifications.wait();
  const saved: unknown = JSON.parse(JSON.stringify([question, { ...answer, id: "2" }]));
  const messages = await validateUIMessages({ messages: saved });
  expect(messages[1]?.parts.map(({ type }) => type)).toContain("steering-message");

  const { model, prompts } = scripted([{ text: "yes" }]);
  messages.push({ id: "3", role: "user", parts: [{ type: "text", text: "and?" }] });
  await generateText({
    model,
    messages: await convertToModelMessages(messages),
    ...chat.background.attach(),
  });

  expect(tellings(prompts[0] ?? [], "tides")).toBe(1);
  expect(chat.background.session.notifications.pending()).toBe(0);
});

test("a notification cannot be hidden by what the user or a task writes", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const owed = await chat.background.session.notifications.receive();
  await owed.release();
  const text = `meanwhile notifications ${owed.notifications[0]?.id} ${owed.text}`;
  const { model, prompts } = scripted([{ text: "hi" }]);

  await generateText({
    model,
    messages: [{ role: "user", content: [{ type: "text", text }] }],
    ...chat.background.attach(),
  });

  expect(tellings(prompts[0] ?? [], "tides")).toBe(2);
});

test("an abort of which only the call knows gives back what it was told", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const { model, hanging } = scripted([{ hangs: true }]);
  const abort = new AbortController();

  const running = generateText({
    model,
    messages: go,
    abortSignal: abort.signal,
    ...chat.background.attach(),
  });
  running.catch(() => {});
  await hanging;
  abort.abort();

  await expect(running).rejects.toThrow();
  expect(await chat.background.session.notifications.wait()).toBe(true);
});

test("after a restart of the server the result is told in the same chat, once", async () => {
  const store = memoryStore();
  const first = new BackgroundManager({ store });
  const task = await first.session("chat-1").start(async () => "all about tides");
  await first.session("chat-1").notifications.wait();
  const failing = scripted([{ fails: "the server goes down" }]);
  const dying = createBackground(first, { session: "chat-1" });
  const call = generateText({
    model: failing.model,
    messages: go,
    maxRetries: 0,
    ...dying.attach(),
  });
  await call.catch(() => {});
  await first.close({ running: "leave" });

  await using second = new BackgroundManager({ store });
  const background = createBackground(second, { session: "chat-1" });
  await background.session.notifications.wait();
  const { model, prompts } = scripted([{ text: "I see" }, { text: "yes" }]);
  const result = await generateText({ model, messages: go, ...background.attach() });
  const messages: ModelMessage[] = [...conversation(go, result), { role: "user", content: "and?" }];
  await generateText({ model, messages, ...background.attach() });

  expect(prompts[0]?.at(-1)).toContain(task.id);
  expect(prompts.map((lines) => tellings(lines, "tides"))).toEqual([1, 1]);
});

test("one attachment serves one call", async () => {
  await using chat = openChat();
  const { model } = scripted([{ text: "hi" }, { text: "hi" }]);
  const attachment = chat.background.attach();
  await generateText({ model, messages: go, ...attachment });

  await expect(generateText({ model, messages: go, ...attachment })).rejects.toThrow(
    /already used/,
  );
});
