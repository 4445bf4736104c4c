import { generateText, isStepCount, type ModelMessage, streamText } from "ai";
import { describe, expect, test } from "vitest";
import { type CallResult, conversation, type StepPreparation } from "../../src/index.ts";
import { openChat, tellings } from "../support/chat.ts";
import { scripted } from "../support/model.ts";
import type { Call } from "../support/ways.ts";

const go: ModelMessage[] = [{ role: "user", content: "go" }];
const look = { name: "list_tasks", input: {} };
const settings = { maxRetries: 0, stopWhen: isStepCount(10) };

const ways: readonly {
  readonly name: string;
  run(call: Call & { abortSignal?: AbortSignal }, own: StepPreparation): Promise<CallResult>;
}[] = [
  { name: "generateText", run: (call, own) => generateText({ ...call, ...settings, ...own }) },
  {
    name: "streamText",
    async run(call, own) {
      const result = streamText({ ...call, ...settings, onError: () => {}, ...own });
      return { steps: await result.steps, responseMessages: await result.responseMessages };
    },
  },
];

describe.each(ways)("prepareStep with $name", ({ run }) => {
  test("tells before each step what is owed, once", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { model, prompts } = scripted([
      { calls: [look], meanwhile: () => chat.settle("winds") },
      { calls: [look] },
      { text: "done" },
    ]);

    const tools = chat.background.tools();
    const result = await run({ model, tools, messages: go }, chat.background.prepareStep());

    expect(prompts.map((lines) => tellings(lines, "tides"))).toEqual([1, 1, 1]);
    expect(prompts.map((lines) => tellings(lines, "winds"))).toEqual([0, 1, 1]);
    expect(prompts[2]?.slice(0, prompts[1]?.length)).toEqual(prompts[1]);
    expect(chat.background.session.notifications.pending()).toBe(0);
    const told = conversation(go, result);
    expect(told.map(({ role }) => role)).toEqual([
      "user",
      "user",
      "assistant",
      "tool",
      "user",
      "assistant",
      "tool",
      "assistant",
    ]);
  });

  test("leaves what comes with the last answer for the next call", async () => {
    await using chat = openChat();
    const { model, prompts } = scripted([
      { text: "hi", meanwhile: () => chat.settle("tides") },
      { text: "I see" },
    ]);

    const result = await run({ model, messages: go }, chat.background.prepareStep());
    expect(chat.background.session.notifications.pending()).toBe(1);
    const messages = [...conversation(go, result), { role: "user" as const, content: "and?" }];
    await run({ model, messages }, chat.background.prepareStep());

    expect(tellings(prompts[1] ?? [], "tides")).toBe(1);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("owes it still when the provider fails", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { model } = scripted([{ fails: "down" }]);

    const errors: unknown[] = [];
    const own = chat.background.prepareStep({ onStepError: ({ error }) => errors.push(error) });
    await expect(run({ model, messages: go }, own)).rejects.toThrow();

    expect(await chat.background.session.notifications.wait()).toBe(true);
    expect(String(errors[0])).toContain("down");
  });

  test("owes it still when the call is aborted", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { model, hanging } = scripted([{ hangs: true }]);
    const abort = new AbortController();

    const running = run(
      { model, messages: go, abortSignal: abort.signal },
      chat.background.prepareStep(),
    );
    running.catch(() => {});
    await hanging;
    abort.abort();

    await expect(running).rejects.toThrow();
    expect(await chat.background.session.notifications.wait()).toBe(true);
  });

  test("acknowledges only what the caller could save", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { model } = scripted([{ text: "hi" }]);

    const errors: unknown[] = [];
    const own = chat.background.prepareStep({
      onStepEnd: () => Promise.reject(new Error("the disk is full")),
      onError: (error) => errors.push(error),
    });
    await run({ model, messages: go }, own);

    expect(String(errors[0])).toContain("the disk is full");
    expect(await chat.background.session.notifications.wait()).toBe(true);
  });
});
