import { memoryStore } from "@meanwhile/core";
import { isStepCount, streamText, type UIMessage } from "ai";
import { describe, expect, test } from "vitest";
import type { ChatRunOptions, RunCall, TaskDataParts } from "../../src/index.ts";
import { openChat, type TestChat, tellings } from "../support/chat.ts";
import { scripted, type Turn } from "../support/model.ts";

type Message = UIMessage<unknown, TaskDataParts>;

const question = (text: string): Message => ({
  id: text,
  role: "user",
  parts: [{ type: "text", text }],
});
const research = (topic: string) => ({ name: "research", input: { topic } });

const lines = (messages: readonly Message[]) =>
  messages.map(
    ({ role, parts }) =>
      `${role}:${parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("|")}`,
  );

/** A chat that is stored as a server does it. */
function stored(chat: TestChat, turns: readonly Turn[]) {
  const { model, prompts } = scripted(turns);
  const tools = chat.background.tools();
  const state: { messages: Message[]; saves: string[][] } = { messages: [], saves: [] };
  const options = (text: string): ChatRunOptions<Message> => ({
    messages: () => state.messages,
    message: question(text),
    tools,
    stream: (call: RunCall) =>
      streamText({
        model,
        tools,
        maxRetries: 0,
        stopWhen: isStepCount(10),
        onError: () => {},
        ...call,
      }),
    onEnd: ({ messages }) => {
      state.messages = structuredClone(messages);
      state.saves.push(lines(messages));
    },
  });
  return { state, prompts, options };
}

const drained = (stream: ReadableStream<unknown> | undefined) =>
  stream?.pipeTo(new WritableStream());

describe("a message that is made in several turns", () => {
  test("is saved at the end of each, so that a crash while it waits loses nothing", async () => {
    const chat = openChat();
    const { state, options } = stored(chat, [{ calls: [research("tides")] }, { text: "it runs" }]);

    const run = await chat.background.streamUntilIdle(options("go"));
    const reading = drained(run);
    await chat.waited();

    expect(lines(state.messages)).toEqual(["user:go", "assistant:it runs"]);
    await chat.manager.close();
    await reading;
  });

  test("acknowledges what was told when the turn is saved, not when the run ends", async () => {
    const store = memoryStore();
    await using chat = openChat({ store });
    await chat.settle("tides");
    const { options } = stored(chat, [{ calls: [research("winds")] }, { text: "winds run" }]);
    const stop = new AbortController();

    const run = await chat.background.streamUntilIdle({ ...options("go"), signal: stop.signal });
    const reading = drained(run);
    await chat.waited();

    const owed = { session: "chat-1", limit: 10, now: Number.MAX_SAFE_INTEGER };
    expect(await store.notifications(owed)).toEqual([]);
    stop.abort();
    await reading;
  });

  test("ends when the user has asked something else meanwhile, and nothing is lost", async () => {
    await using chat = openChat();
    const { state, prompts, options } = stored(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "a joke" },
      { text: "tides are in" },
    ]);

    const first = drained(await chat.background.streamUntilIdle(options("go")));
    await chat.waited();
    const second = drained(await chat.background.streamUntilIdle(options("joke?")));
    await chat.waited(2);
    await chat.finish("tides");
    await Promise.all([first, second]);

    expect(lines(state.messages)).toEqual([
      "user:go",
      "assistant:it runs",
      "user:joke?",
      "assistant:a joke|tides are in",
    ]);
    expect(prompts[2]).toContain("assistant:it runs");
    expect(tellings(prompts.at(-1) ?? [], "tides")).toBe(1);
    expect(tellings(state.messages, "tides")).toBe(1);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("goes on in the same message, whose tasks are saved as they stand", async () => {
    await using chat = openChat();
    const { state, options } = stored(chat, [
      { calls: [research("tides"), research("winds")] },
      { text: "both run" },
      { text: "one is in" },
      { text: "both are in" },
    ]);

    const reading = drained(await chat.background.streamUntilIdle(options("go")));
    await chat.waited();
    await chat.finish("tides");
    await chat.waited(2);
    await chat.finish("winds");
    await reading;

    expect(state.saves).toEqual([
      ["user:go", "assistant:both run"],
      ["user:go", "assistant:both run|one is in"],
      ["user:go", "assistant:both run|one is in|both are in"],
    ]);
    const tasks = state.messages[1]?.parts.flatMap((part) =>
      part.type === "data-task" ? [part.data.status] : [],
    );
    expect(tasks).toEqual(["completed", "completed"]);
  });

  test("saves also how a task stands that ended while it waited, of which nobody is told", async () => {
    await using chat = openChat();
    const { session } = chat.background;
    const { state, options } = stored(chat, [{ text: "it runs" }]);
    const over = Promise.withResolvers<void>();
    await session.start(() => over.promise, { title: "quiet", notify: "never" });

    const reading = drained(await chat.background.streamUntilIdle(options("go")));
    await chat.waited();
    over.resolve();
    await reading;

    const tasks = state.messages[1]?.parts.flatMap((part) =>
      part.type === "data-task" ? [`${part.data.title} ${part.data.status}`] : [],
    );
    expect(tasks).toEqual(["quiet completed"]);
  });

  test("ends with an error when it cannot be saved, and is owed what it was told", async () => {
    await using chat = openChat();
    const { options } = stored(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "tides are in" },
    ]);
    let saves = 0;
    const run = await chat.background.streamUntilIdle({
      ...options("go"),
      onEnd() {
        saves += 1;
        if (saves === 2) throw new Error("the disk is full");
      },
    });
    const reading = drained(run);
    reading?.catch(() => {});
    await chat.waited();
    await chat.finish("tides");

    await expect(reading).rejects.toThrow("the disk is full");
    expect(await chat.background.session.notifications.wait()).toBe(true);
  });
});
