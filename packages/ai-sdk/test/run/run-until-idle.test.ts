import { memoryStore, type Store } from "@meanwhile/core";
import {
  generateText,
  isStepCount,
  type ModelMessage,
  streamText,
  ToolLoopAgent,
  type ToolSet,
  tool,
} from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { conversation, type RunCall } from "../../src/index.ts";
import { openChat, type TestChat, tellings } from "../support/chat.ts";
import { scripted, type Turn } from "../support/model.ts";

const go: ModelMessage[] = [{ role: "user", content: "go" }];
const research = (topic: string) => ({ name: "research", input: { topic } });

function generate(
  chat: TestChat,
  turns: readonly Turn[],
  more: { tools?: ToolSet; steps?: number } = {},
) {
  const { model, prompts, hanging } = scripted(turns);
  const tools = { ...chat.background.tools(), ...more.tools };
  const stopWhen = isStepCount(more.steps ?? 10);
  return {
    prompts,
    hanging,
    generate: (call: RunCall) => generateText({ model, tools, stopWhen, maxRetries: 0, ...call }),
  };
}

describe("runUntilIdle", () => {
  test("is one call when there are no tasks", async () => {
    await using chat = openChat();
    const script = generate(chat, [{ text: "hi" }]);

    const run = await chat.background.runUntilIdle({ messages: go, ...script });

    expect(run).toMatchObject({ reason: "idle", turns: 1 });
    expect(run.result?.text).toBe("hi");
    expect(run.messages).toEqual([...go, ...(run.result?.responseMessages ?? [])]);
  });

  test("waits for every task, tells each once, one call after the other", async () => {
    await using chat = openChat();
    const script = generate(chat, [
      { calls: [research("tides"), research("winds")] },
      { text: "both run" },
      { text: "one is done" },
      { text: "both are done" },
    ]);
    const ended: number[] = [];

    const running = chat.background.runUntilIdle({
      messages: go,
      ...script,
      onTurnEnd: ({ messages }) => void ended.push(messages.length),
    });
    await chat.waited();
    await chat.finish("tides");
    await chat.waited(2);
    await chat.finish("winds");
    const run = await running;

    expect(run).toMatchObject({ reason: "idle", turns: 3 });
    expect(run.result?.text).toBe("both are done");
    expect(tellings(run.messages, "tides")).toBe(1);
    expect(tellings(run.messages, "winds")).toBe(1);
    expect(ended).toEqual([4, 6, 8]);
    for (const [index, prompt] of script.prompts.entries()) {
      const before = script.prompts[index - 1] ?? [];
      expect(prompt.slice(0, before.length)).toEqual(before);
    }
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("runs an agent, and a stream that is read by the caller", async () => {
    await using chat = openChat();
    const { model } = scripted([
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "it is done" },
      { text: "yes" },
    ]);
    const agent = new ToolLoopAgent({ model, tools: chat.background.tools() });

    const running = chat.background.runUntilIdle({
      messages: go,
      generate: (call) => agent.generate(call),
    });
    await chat.waited();
    await chat.finish("tides");
    const { messages, result } = await running;
    expect(result?.text).toBe("it is done");

    const streamed = await chat.background.runUntilIdle({
      messages: [...messages, { role: "user", content: "really?" }],
      generate: async (call) => {
        const { text, steps, responseMessages } = streamText({ model, ...call });
        return { text: await text, steps: await steps, responseMessages: await responseMessages };
      },
    });
    expect(streamed.result?.text).toBe("yes");
  });

  test("a call that fails leaves it owed, and the next run tells it once", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const script = generate(chat, [{ fails: "down" }, { text: "I see" }]);

    await expect(chat.background.runUntilIdle({ messages: go, ...script })).rejects.toThrow("down");
    expect(chat.background.session.notifications.pending()).toBe(1);
    const run = await chat.background.runUntilIdle({ messages: go, ...script });

    expect(tellings(run.messages, "tides")).toBe(1);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("a call that fails after some steps hands those over, and what they were told counts", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const script = generate(chat, [
      { calls: [{ name: "list_tasks", input: {} }] },
      { fails: "down" },
    ]);
    let saved: readonly ModelMessage[] = [];

    const running = chat.background.runUntilIdle({
      messages: go,
      ...script,
      onTurnEnd: ({ messages }) => {
        saved = messages;
      },
    });

    await expect(running).rejects.toThrow("down");
    expect(saved.map(({ role }) => role)).toEqual(["user", "user", "assistant", "tool"]);
    expect(tellings(saved, "tides")).toBe(1);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("what could not be saved is still owed", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const script = generate(chat, [{ text: "I see" }]);

    const running = chat.background.runUntilIdle({
      messages: go,
      ...script,
      onTurnEnd: () => Promise.reject(new Error("the disk is full")),
    });

    await expect(running).rejects.toThrow("the disk is full");
    expect(chat.background.session.notifications.pending()).toBe(1);
  });

  test("an error in the place of an answer ends it, and is no part of the conversation", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const script = generate(chat, [{ text: "I s", breaksOff: true }]);

    const run = await chat.background.runUntilIdle({ messages: go, ...script });

    expect(run).toMatchObject({ reason: "error", messages: go });
    expect(chat.background.session.notifications.pending()).toBe(1);
  });

  test("a failure of the continuation comes out", async () => {
    await using chat = openChat();
    const script = generate(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { fails: "down" },
    ]);

    const running = chat.background.runUntilIdle({ messages: go, ...script });
    running.catch(() => {});
    await chat.waited();
    await chat.finish("tides");

    await expect(running).rejects.toThrow("down");
    expect(chat.background.session.notifications.pending()).toBe(1);
  });

  test("results that wait when the stop condition is reached get a call of their own", async () => {
    await using chat = openChat();
    await chat.start("tides");
    const script = generate(
      chat,
      [{ text: "bye", meanwhile: () => chat.finish("tides") }, { text: "I see" }],
      { steps: 1 },
    );

    const run = await chat.background.runUntilIdle({ messages: go, ...script });

    expect(run).toMatchObject({ reason: "idle", turns: 2 });
    expect(tellings(run.messages, "tides")).toBe(1);
  });

  test("pays for no call when there is nothing to say", async () => {
    await using chat = openChat();
    const id = await chat.start("tides");
    const script = generate(chat, [{ text: "hi" }]);
    const running = chat.background.runUntilIdle({ messages: go, ...script });
    await chat.waited();
    const read = (await chat.background.session.get(id)).result();
    await chat.finish("tides");
    await read;

    expect(await running).toMatchObject({ reason: "idle", turns: 1 });
    const messages: ModelMessage[] = [...go, { role: "assistant", content: "hi" }];
    const again = await chat.background.runUntilIdle({ messages, ...script });
    expect(again).toMatchObject({ reason: "idle", turns: 0, messages, result: undefined });
  });

  test("ends where a tool waits for an approval, and tells nothing behind it", async () => {
    await using chat = openChat();
    const deploy = tool({ inputSchema: z.object({}), execute: async () => "deployed" });
    const { model } = scripted([
      { calls: [{ name: "deploy", input: {} }], meanwhile: () => chat.settle("tides") },
    ]);

    const run = await chat.background.runUntilIdle({
      messages: go,
      generate: (call) =>
        generateText({
          model,
          tools: { deploy },
          toolApproval: { deploy: "user-approval" },
          stopWhen: isStepCount(5),
          ...call,
        }),
    });
    expect(run).toMatchObject({ reason: "waiting-for-tool-results", turns: 1 });
    expect(chat.background.session.notifications.pending()).toBe(1);

    const { messages } = run;
    const again = await chat.background.runUntilIdle({
      messages,
      generate: () => Promise.reject(new Error("no model is called")),
    });
    expect(again).toMatchObject({ reason: "waiting-for-tool-results", turns: 0 });
  });

  test("a user's message that comes while a wake runs waits for its turn", async () => {
    await using chat = openChat();
    const woken = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const script = generate(chat, [
      {
        text: "tides are in",
        meanwhile: () => {
          woken.resolve();
          return over.promise;
        },
      },
      { text: "you are welcome" },
    ]);
    let history: ModelMessage[] = [...go, { role: "assistant", content: "hi" }];
    chat.manager.onWake(
      async ({ signal }) => {
        const attachment = chat.background.attach({ signal });
        const call = { ...attachment, messages: history, abortSignal: signal };
        history = conversation(history, await script.generate(call));
      },
      { debounceMs: 0 },
    );
    await chat.settle("tides");
    await chat.clock.advance(1);
    await woken.promise;
    const running = chat.background.runUntilIdle({
      messages: [...history, { role: "user", content: "thanks" }],
      ...script,
    });
    expect(script.prompts.length).toBe(1);
    over.resolve();

    expect((await running).result?.text).toBe("you are welcome");
    expect(script.prompts.map((lines) => tellings(lines, "tides"))).toEqual([1, 0]);
  });

  test("a task that ends while it looks for open ones is told before it is idle", async () => {
    const inner = memoryStore();
    const announce = Promise.withResolvers<void>();
    const settled = Promise.withResolvers<void>();
    let isStarted = false;
    let finishing: Promise<void> | undefined;
    // The task's end is in the store, but this process does not know of it yet.
    const store: Store = {
      ...inner,
      async commit(changes) {
        const outcomes = await inner.commit(changes);
        if (changes.some(({ type }) => type === "settle")) {
          settled.resolve();
          await announce.promise;
        }
        return outcomes;
      },
      async tasks(query) {
        const isLook = isStarted && query.status !== undefined && finishing === undefined;
        if (!isLook) return inner.tasks(query);
        finishing = chat.finish("tides");
        await settled.promise;
        const open = await inner.tasks(query);
        setImmediate(announce.resolve);
        return open;
      },
    };
    await using chat = openChat({ store });
    const script = generate(chat, [{ text: "hello" }, { text: "I see" }]);
    await chat.start("tides");
    isStarted = true;

    const run = await chat.background.runUntilIdle({ messages: go, ...script });
    await finishing;

    expect(run).toMatchObject({ reason: "idle", turns: 2 });
    expect(tellings(run.messages, "tides")).toBe(1);
  });

  test.each([
    ["all", (_: RunCall) => ({})],
    ["onStepEnd", ({ onStepEnd: _, ...others }: RunCall) => others],
    ["experimental_steering", ({ experimental_steering: _, ...others }: RunCall) => others],
  ])(
    "is refused when the call is not given %s of its options, after one call",
    async (_, given) => {
      await using chat = openChat();
      await chat.settle("tides");
      const { model, prompts } = scripted([{ text: "hi" }, { text: "again" }]);

      const running = chat.background.runUntilIdle({
        messages: go,
        generate: (call) => generateText({ model, messages: go, ...given(call) }),
      });

      await expect(running).rejects.toMatchObject({ code: "INVALID_OPTION" });
      expect(prompts).toHaveLength(1);
      expect(chat.background.session.notifications.pending()).toBe(1);
    },
  );

  test("is refused inside a turn of its own session", async () => {
    await using chat = openChat();
    const script = generate(chat, []);

    const running = chat.background.session.turn(() =>
      chat.background.runUntilIdle({ messages: go, ...script }),
    );

    await expect(running).rejects.toMatchObject({ code: "NESTED_TURN" });
  });

  test("stops after so many calls", async () => {
    await using chat = openChat();
    const script = generate(chat, [{ calls: [research("tides")] }, { text: "it runs" }]);

    const running = chat.background.runUntilIdle({ messages: go, maxTurns: 1, ...script });
    await chat.waited();
    await chat.finish("tides");

    expect(await running).toMatchObject({ reason: "max-turns", turns: 1 });
    expect(chat.background.session.notifications.pending()).toBe(1);
    await expect(
      chat.background.runUntilIdle({ messages: go, maxTurns: 0, ...script }),
    ).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  test("stops after an idle time, which begins anew after each call and does not run in one", async () => {
    await using chat = openChat();
    const script = generate(chat, [
      { calls: [research("tides"), research("winds")] },
      { text: "both run", meanwhile: () => chat.clock.advance(60_000) },
      { text: "one is done" },
    ]);

    const running = chat.background.runUntilIdle({ messages: go, maxIdleMs: 10_000, ...script });
    await chat.waited();
    await chat.clock.advance(9_000);
    await chat.finish("tides");
    await chat.waited(2);
    await chat.clock.advance(9_000);
    expect(script.prompts.length).toBe(3);
    await chat.clock.advance(1_000);

    expect(await running).toMatchObject({ reason: "max-idle", turns: 2 });
  });

  describe("aborted", () => {
    test("before it starts", async () => {
      await using chat = openChat();
      await chat.settle("tides");

      const run = await chat.background.runUntilIdle({
        messages: go,
        signal: AbortSignal.abort(),
        ...generate(chat, []),
      });

      expect(run).toEqual({ messages: go, turns: 0, result: undefined, reason: "aborted" });
      expect(chat.background.session.notifications.pending()).toBe(1);
    });

    test("while another turn runs", async () => {
      await using chat = openChat();
      const begun = Promise.withResolvers<void>();
      const over = Promise.withResolvers<void>();
      const other = chat.background.session.turn(() => {
        begun.resolve();
        return over.promise;
      });
      await begun.promise;
      const abort = new AbortController();
      const running = chat.background.runUntilIdle({
        messages: go,
        signal: abort.signal,
        ...generate(chat, []),
      });
      await chat.background.session.list();
      abort.abort();

      expect(await running).toMatchObject({ reason: "aborted", turns: 0 });
      over.resolve();
      await other;
    });

    test("while the model is called, in the first and in a later call", async () => {
      await using chat = openChat();
      await chat.settle("tides");
      const abort = new AbortController();
      const script = generate(chat, [
        { calls: [{ name: "list_tasks", input: {} }] },
        { hangs: true },
      ]);

      const running = chat.background.runUntilIdle({
        messages: go,
        signal: abort.signal,
        ...script,
      });
      await script.hanging;
      abort.abort();
      const run = await running;

      expect(run).toMatchObject({ reason: "aborted", turns: 1 });
      expect(run.messages.map(({ role }) => role)).toEqual(["user", "user", "assistant", "tool"]);
      expect(chat.background.session.notifications.pending()).toBe(0);
    });

    test("while a continuation is called", async () => {
      await using chat = openChat();
      const abort = new AbortController();
      const script = generate(chat, [
        { calls: [research("tides")] },
        { text: "it runs" },
        { hangs: true },
      ]);

      const running = chat.background.runUntilIdle({
        messages: go,
        signal: abort.signal,
        ...script,
      });
      await chat.waited();
      await chat.finish("tides");
      await script.hanging;
      abort.abort();
      const run = await running;

      expect(run).toMatchObject({ reason: "aborted", turns: 1 });
      expect(run.messages).toHaveLength(4);
      expect(chat.background.session.notifications.pending()).toBe(1);
    });

    test("while it waits", async () => {
      await using chat = openChat();
      const abort = new AbortController();
      const script = generate(chat, [{ calls: [research("tides")] }, { text: "it runs" }]);

      const running = chat.background.runUntilIdle({
        messages: go,
        signal: abort.signal,
        ...script,
      });
      await chat.waited();
      abort.abort();

      expect(await running).toMatchObject({ reason: "aborted", turns: 1 });
      await chat.finish("tides");
      expect(chat.background.session.notifications.pending()).toBe(1);
    });

    test("after it has ended, which changes nothing", async () => {
      await using chat = openChat();
      const abort = new AbortController();
      const script = generate(chat, [{ text: "hi" }]);

      const run = await chat.background.runUntilIdle({
        messages: go,
        signal: abort.signal,
        ...script,
      });
      abort.abort();

      expect(run.reason).toBe("idle");
    });
  });

  test("ends when the manager closes while it waits, or while the model is called", async () => {
    const waiting = openChat();
    const script = generate(waiting, [{ calls: [research("tides")] }, { text: "it runs" }]);
    const running = waiting.background.runUntilIdle({ messages: go, ...script });
    await waiting.waited();
    await waiting.manager.close();
    expect(await running).toMatchObject({ reason: "closed", turns: 1 });

    const calling = openChat();
    const hanging = generate(calling, [{ hangs: true }]);
    const run = calling.background.runUntilIdle({ messages: go, ...hanging });
    await hanging.hanging;
    await calling.manager.close();
    expect(await run).toMatchObject({ reason: "closed", turns: 0 });
  });

  test("is refused from the start on a closed manager", async () => {
    const chat = openChat();
    await chat.manager.close();

    const running = chat.background.runUntilIdle({ messages: go, ...generate(chat, []) });

    await expect(running).rejects.toMatchObject({ code: "CLOSED" });
  });
});
