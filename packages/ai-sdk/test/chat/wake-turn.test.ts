import { isStepCount, streamText, type UIMessage } from "ai";
import { expect, test } from "vitest";
import type { RunCall } from "../../src/index.ts";
import { openChat, type TestChat, tellings } from "../support/chat.ts";
import { scripted, type Turn } from "../support/model.ts";

const said = (id: string, role: "user" | "assistant", text: string): UIMessage => ({
  id,
  role,
  parts: [{ type: "text", text }],
});
const history = [said("1", "user", "go"), said("2", "assistant", "it runs")];

const texts = (messages: readonly UIMessage[]) =>
  messages.map(({ parts }) =>
    parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("|"),
  );

/** A chat that is stored as servers do it: loaded when a turn begins, and saved at its end. */
function store(chat: TestChat, turns: readonly Turn[]) {
  const { model, prompts } = scripted(turns);
  const tools = chat.background.tools();
  const state = { messages: [...history] };
  return {
    state,
    prompts,
    options: {
      messages: () => state.messages,
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
      onEnd: ({ messages }: { messages: UIMessage[] }) => {
        state.messages = messages;
      },
    },
  };
}

test("a wake tells what is owed in a new message, which it can show", async () => {
  await using chat = openChat();
  const { state, prompts, options } = store(chat, [{ text: "it is done" }]);
  const shown: string[] = [];
  const woken = Promise.withResolvers<void>();
  chat.manager.onWake(
    async (wake) => {
      await chat.background.wakeTurn(wake, {
        ...options,
        onStream: async (stream) => {
          for await (const chunk of stream) shown.push(chunk.type);
        },
      });
      woken.resolve();
    },
    { debounceMs: 0 },
  );

  await chat.settle("tides");
  await chat.clock.advance(0);
  await woken.promise;

  expect(texts(state.messages)).toEqual(["go", "it runs", "it is done"]);
  expect(new Set(state.messages.map(({ id }) => id)).size).toBe(3);
  expect(tellings(prompts.at(-1) ?? [], "tides")).toBe(1);
  expect(shown[0]).toBe("start");
  expect(shown.at(-1)).toBe("finish");
  expect(chat.background.session.notifications.pending()).toBe(0);
});

test("a wake whose provider fails is tried again, and tells once", async () => {
  await using chat = openChat();
  const { state, prompts, options } = store(chat, [{ fails: "down" }, { text: "it is done" }]);
  const retried = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  chat.manager.on("wake-retry", () => retried.resolve());
  chat.manager.onWake(
    async (wake) => {
      await chat.background.wakeTurn(wake, options);
      woken.resolve();
    },
    { debounceMs: 0 },
  );

  await chat.settle("tides");
  await chat.clock.advance(0);
  await retried.promise;
  await chat.clock.advance(1_000);
  await woken.promise;

  expect(texts(state.messages).at(-1)).toBe("it is done");
  expect(tellings(prompts.at(-1) ?? [], "tides")).toBe(1);
  expect(chat.background.session.notifications.pending()).toBe(0);
});

test("the next turn finds the message of the one before, however long it takes to save it", async () => {
  await using chat = openChat();
  const { state, options } = store(chat, [{ text: "first" }, { text: "second" }]);
  const saving = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const ask = (text: string) => () => {
    state.messages = [...state.messages, said(text, "user", text)];
    return state.messages;
  };

  const one = await chat.background.streamTurn({
    ...options,
    messages: ask("one"),
    onEnd: async (event) => {
      saving.resolve();
      await mayEnd.promise;
      options.onEnd(event);
    },
  });
  const two = chat.background.streamTurn({ ...options, messages: ask("two") });
  await saving.promise;
  mayEnd.resolve();
  await one?.pipeTo(new WritableStream());
  await (await two)?.pipeTo(new WritableStream());

  expect(texts(state.messages)).toEqual(["go", "it runs", "one", "first", "two", "second"]);
});

test("a turn whose caller gives up waiting for it says nothing", async () => {
  await using chat = openChat();
  const { options, prompts } = store(chat, []);
  const over = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const other = chat.background.session.turn(async () => {
    begun.resolve();
    await over.promise;
  });
  await begun.promise;
  const left = new AbortController();

  const turn = chat.background.streamTurn({ ...options, signal: left.signal });
  left.abort();

  expect(await turn).toBeUndefined();
  expect(prompts).toEqual([]);
  over.resolve();
  await other;
});
