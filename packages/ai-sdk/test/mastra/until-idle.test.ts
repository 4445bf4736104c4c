// Named after what Mastra's own tests promise of `untilIdle`; see the README for what differs.
import { BackgroundManager } from "@meanwhile/core";
import { generateText, isStepCount, streamText, type UIMessage } from "ai";
import { describe, expect, test } from "vitest";
import { createBackground, type RunCall, type RunLimits } from "../../src/index.ts";
import { openChat, type TestChat, tellings } from "../support/chat.ts";
import { type ScriptedModel, scripted, type Turn } from "../support/model.ts";

const research = (topic: string) => ({ name: "research", input: { topic } });

interface Ended {
  /** The model's texts, in order. */
  readonly texts: readonly string[];
  /** Why it ended, as far as the way in says it. */
  readonly reason: "idle" | "aborted" | "error" | "max-idle";
}

interface WayIn {
  readonly name: string;
  run(
    chat: Pick<TestChat, "background">,
    script: ScriptedModel,
    limits?: RunLimits,
  ): Promise<Ended>;
}

const waysIn: readonly WayIn[] = [
  {
    name: "runUntilIdle",
    async run({ background }, { model }, limits = {}) {
      const settings = { model, tools: background.tools(), stopWhen: isStepCount(10) };
      const texts: string[] = [];
      try {
        const { reason } = await background.runUntilIdle({
          ...limits,
          messages: [{ role: "user", content: "go" }],
          generate: (call) => generateText({ ...settings, maxRetries: 0, ...call }),
          onTurnEnd: ({ result }) =>
            void texts.push(...(result === undefined ? [] : [result.text])),
        });
        return { texts, reason: reason as Ended["reason"] };
      } catch {
        return { texts, reason: "error" };
      }
    },
  },
  {
    name: "streamUntilIdle",
    async run({ background }, { model }, limits = {}) {
      const tools = background.tools();
      const settings = { model, tools, stopWhen: isStepCount(10), maxRetries: 0 };
      let last: UIMessage | undefined;
      const stream = await background.streamUntilIdle<UIMessage>({
        ...limits,
        messages: [{ id: "1", role: "user", parts: [{ type: "text", text: "go" }] }],
        tools,
        stream: (call: RunCall) => streamText({ ...settings, onError: () => {}, ...call }),
        onEnd: ({ responseMessage }) => {
          last = responseMessage;
        },
      });
      const types: string[] = [];
      for await (const { type } of stream ?? []) types.push(type);
      const texts = last?.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])) ?? [];
      const isAborted = stream === undefined || types.includes("abort");
      return { texts, reason: isAborted ? "aborted" : types.includes("error") ? "error" : "idle" };
    },
  },
];

describe.each(waysIn)("$name", ({ name, run }) => {
  const open = (chat: TestChat, turns: readonly Turn[], limits: RunLimits = {}) => {
    const script = scripted(turns);
    return { ...script, running: run(chat, script, limits) };
  };

  test("falls back to a plain call when the manager has no tasks at all", async () => {
    await using manager = new BackgroundManager();
    const background = createBackground(manager, { session: "chat-1" });

    const ended = await run({ background }, scripted([{ text: "hi" }]));

    expect(ended).toEqual({ texts: ["hi"], reason: "idle" });
  });

  test("is one turn when no task was started", async () => {
    await using chat = openChat();
    const { running, prompts } = open(chat, [{ text: "hi" }]);

    expect(await running).toEqual({ texts: ["hi"], reason: "idle" });
    expect(prompts).toHaveLength(1);
  });

  test("processes a result in a continuation", async () => {
    await using chat = openChat();
    const { running, prompts } = open(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "it is in" },
    ]);
    await chat.waited();
    await chat.finish("tides");

    expect(await running).toEqual({ texts: ["it runs", "it is in"], reason: "idle" });
    expect(tellings(prompts.at(-1) ?? [], "tides")).toBe(1);
  });

  test("runs continuations one after the other, however results come", async () => {
    await using chat = openChat();
    let active = 0;
    let most = 0;
    const counted = async (): Promise<void> => {
      active += 1;
      most = Math.max(most, active);
      await chat.background.session.list();
      active -= 1;
    };
    const { running } = open(chat, [
      { calls: [research("tides"), research("winds")], meanwhile: counted },
      { text: "both run", meanwhile: counted },
      {
        text: "one is in",
        meanwhile: async () => {
          await counted();
          await chat.finish("winds");
        },
      },
      { text: "both are in", meanwhile: counted },
    ]);
    await chat.waited();
    await chat.finish("tides");

    expect((await running).texts).toEqual(
      name === "runUntilIdle"
        ? ["both run", "both are in"]
        : ["both run", "one is in", "both are in"],
    );
    expect(most).toBe(1);
  });

  test("follows a continuation that starts a task of its own", async () => {
    await using chat = openChat();
    const { running } = open(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { calls: [research("winds")] },
      { text: "another" },
      { text: "both are in" },
    ]);
    await chat.waited();
    await chat.finish("tides");
    await chat.waited(2);
    await chat.finish("winds");

    expect((await running).texts).toEqual(["it runs", "another", "both are in"]);
  });

  test("surfaces a continuation's error", async () => {
    await using chat = openChat();
    const { running } = open(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { fails: "down" },
    ]);
    await chat.waited();
    await chat.finish("tides");

    expect(await running).toEqual({ texts: ["it runs"], reason: "error" });
    expect(await chat.background.session.notifications.wait()).toBe(true);
  });

  test("does not wait for a task that was cancelled", async () => {
    await using chat = openChat();
    const { running } = open(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "it was cancelled" },
    ]);
    await chat.waited();
    const [task] = await chat.background.session.list();
    await chat.background.session.cancel(task?.id ?? "");

    expect((await running).texts).toEqual(["it runs", "it was cancelled"]);
  });

  test("aborted at the start, calls nothing", async () => {
    await using chat = openChat();
    const { running, prompts } = open(chat, [], { signal: AbortSignal.abort() });

    expect(await running).toEqual({ texts: [], reason: "aborted" });
    expect(prompts).toEqual([]);
  });

  test("aborted while a task is pending, ends without it, and the task goes on", async () => {
    await using chat = openChat();
    const abort = new AbortController();
    const turns = [{ calls: [research("tides")] }, { text: "it runs" }];
    const { running } = open(chat, turns, { signal: abort.signal });
    await chat.waited();
    abort.abort();

    expect(await running).toEqual({ texts: ["it runs"], reason: "aborted" });
    const [task] = await chat.background.session.list();
    expect(task?.status).toBe("running");
  });

  test("aborted in a continuation, ends, and the result is still owed", async () => {
    await using chat = openChat();
    const abort = new AbortController();
    const turns = [{ calls: [research("tides")] }, { text: "it runs" }, { hangs: true }];
    const { running, hanging } = open(chat, turns, { signal: abort.signal });
    await chat.waited();
    await chat.finish("tides");
    await hanging;
    abort.abort();

    expect(await running).toEqual({ texts: ["it runs"], reason: "aborted" });
    expect(await chat.background.session.notifications.wait()).toBe(true);
  });

  test("aborted late, is what it was", async () => {
    await using chat = openChat();
    const abort = new AbortController();
    const { running } = open(chat, [{ text: "hi" }], { signal: abort.signal });
    const ended = await running;
    abort.abort();

    expect(ended).toEqual({ texts: ["hi"], reason: "idle" });
  });

  test("a maximum idle time runs between turns only, and is armed again by each", async () => {
    await using chat = openChat();
    const { running, prompts } = open(
      chat,
      [
        { calls: [research("tides"), research("winds")] },
        { text: "both run", meanwhile: () => chat.clock.advance(60_000) },
        { text: "one is in" },
      ],
      { maxIdleMs: 10_000 },
    );
    await chat.waited();
    await chat.clock.advance(9_999);
    await chat.finish("tides");
    await chat.waited(2);
    await chat.clock.advance(9_999);
    expect(prompts).toHaveLength(3);
    await chat.clock.advance(1);

    expect((await running).texts).toEqual(["both run", "one is in"]);
    const unfinished = await chat.background.session.list({ status: ["running"] });
    expect(unfinished.map(({ title }) => title)).toEqual(["winds"]);
  });
});

test("the chunks of every turn are forwarded, in one message", async () => {
  await using chat = openChat();
  const { model } = scripted([
    { calls: [research("tides")] },
    { text: "it runs" },
    { text: "it is in" },
  ]);
  const tools = chat.background.tools();
  const stream = await chat.background.streamUntilIdle<UIMessage>({
    messages: [{ id: "1", role: "user", parts: [{ type: "text", text: "go" }] }],
    tools,
    stream: (call) => streamText({ model, tools, stopWhen: isStepCount(10), ...call }),
  });
  const types: string[] = [];
  const reading = (async () => {
    for await (const { type } of stream ?? []) types.push(type);
  })();
  await chat.waited();
  await chat.finish("tides");
  await reading;

  expect(types.filter((type) => type === "start-step")).toHaveLength(3);
  expect(types.filter((type) => type === "text-delta")).toHaveLength(2);
  expect(types.filter((type) => type === "start" || type === "finish")).toEqual([
    "start",
    "finish",
  ]);
  expect(types).toContain("data-task");
});

test("the result has the shape of a call's, with the conversation and the reason beside it", async () => {
  await using chat = openChat();
  const { model } = scripted([{ text: "hi" }]);

  const run = await chat.background.runUntilIdle({
    messages: [{ role: "user", content: "go" }],
    generate: (call) => generateText({ model, ...call }),
  });

  expect(Object.keys(run).toSorted()).toEqual(["messages", "reason", "result", "turns"]);
  expect(run.result).toMatchObject({ text: "hi", finishReason: "stop" });
  expect(run.result?.usage.totalTokens).toBe(2);
});
