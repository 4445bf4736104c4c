import { DefaultChatTransport, isStepCount, streamText, tool, type UIMessage } from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { listeningTransport } from "../../src/client.ts";
import type { RunCall } from "../../src/index.ts";
import { openChat, type TestChat, tellings } from "../support/chat.ts";
import { serveChat } from "../support/chat-server.ts";
import { ClientChat } from "../support/client-chat.ts";
import { scripted, type Turn } from "../support/model.ts";

const go: UIMessage[] = [{ id: "1", role: "user", parts: [{ type: "text", text: "go" }] }];
const research = (topic: string) => ({ name: "research", input: { topic } });

function script(chat: TestChat, turns: readonly Turn[]) {
  const { model, prompts } = scripted(turns);
  const tools = chat.background.tools();
  const options = { maxRetries: 0, stopWhen: isStepCount(10), onError: () => {} };
  return {
    prompts,
    run: { tools, stream: (call: RunCall) => streamText({ model, tools, ...options, ...call }) },
  };
}

/** A client that listens, as a page with `useChat` does. */
function open(url: string, messages: UIMessage[] = []) {
  const transport = listeningTransport({
    transport: new DefaultChatTransport<UIMessage>({ api: url }),
    retryMs: 5,
  });
  const client = new ClientChat("chat-1", transport, messages);
  const listening = transport.listen(client);
  return {
    client,
    async [Symbol.asyncDispose]() {
      transport.close();
      await listening;
    },
  };
}

describe("a chat that listens", () => {
  test("is told while it is idle, in a new message, and keeps the one before", async () => {
    await using chat = openChat();
    const { run, prompts } = script(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "it is done" },
    ]);
    await using server = await serveChat(chat.background, run);
    await using page = open(server.url);
    const { client } = page;

    await client.sendMessage({ text: "go" });
    expect(client.lines).toEqual(["user:go", "assistant:it runs"]);
    expect(client.status).toBe("ready");
    await chat.finish("tides");
    await client.until(({ lines, status }) => lines.length === 3 && status === "ready");

    expect(client.lines).toEqual(["user:go", "assistant:it runs", "assistant:it is done"]);
    expect(tellings(prompts.at(-1) ?? [], "tides")).toBe(1);
    const task = client.messages.at(-1)?.parts.find(({ type }) => type === "data-task");
    expect(task).toMatchObject({ data: { title: "tides", status: "completed" } });
    expect(server.messages()).toEqual(client.messages);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("goes on listening: one result after the other, and a user's message in between", async () => {
    await using chat = openChat();
    const { run, prompts } = script(chat, [
      { calls: [research("tides"), research("winds")] },
      { text: "both run" },
      { text: "tides are done" },
      { text: "you are welcome" },
      { text: "winds are done" },
    ]);
    await using server = await serveChat(chat.background, run);
    await using page = open(server.url);
    const { client } = page;

    await client.sendMessage({ text: "go" });
    await chat.finish("tides");
    await client.until(({ lines, status }) => lines.length === 3 && status === "ready");
    await server.listening(2);
    await client.sendMessage({ text: "thanks" });
    await chat.finish("winds");
    await client.until(({ lines, status }) => lines.length === 6 && status === "ready");

    expect(client.lines.slice(2)).toEqual([
      "assistant:tides are done",
      "user:thanks",
      "assistant:you are welcome",
      "assistant:winds are done",
    ]);
    for (const topic of ["tides", "winds"]) {
      expect(tellings(prompts.at(-1) ?? [], topic)).toBe(1);
    }
    expect(server.messages()).toEqual(client.messages);
  });

  test("what comes while an answer is streamed is told in it, or behind it", async () => {
    await using chat = openChat();
    await chat.start("tides");
    const { run, prompts } = script(chat, [
      { text: "hello", meanwhile: () => chat.finish("tides") },
      { text: "tides are done" },
    ]);
    await using server = await serveChat(chat.background, run);
    await using page = open(server.url);
    await server.listening(1);

    await page.client.sendMessage({ text: "go" });

    expect(page.client.lines).toEqual(["user:go", "assistant:hello|tides are done"]);
    expect(tellings(prompts.at(-1) ?? [], "tides")).toBe(1);
  });

  test("a user who writes while a result is being told is answered behind it", async () => {
    await using chat = openChat();
    const telling = Promise.withResolvers<void>();
    const mayTell = Promise.withResolvers<void>();
    const tell = (): Promise<void> => {
      telling.resolve();
      return mayTell.promise;
    };
    const { run, prompts } = script(chat, [
      { calls: [research("tides")] },
      { text: "it runs" },
      { text: "tides are in", meanwhile: tell },
      { text: "you are welcome" },
    ]);
    await using server = await serveChat(chat.background, run);
    await using page = open(server.url);
    const { client } = page;
    await client.sendMessage({ text: "go" });
    await chat.finish("tides");
    await telling.promise;
    await client.until(({ status }) => status !== "ready");

    const sending = client.sendMessage({ text: "thanks" });
    mayTell.resolve();
    await sending;
    await client.until(({ lines }) => lines.length === 5);
    await chat.background.session.turn(() => {});

    expect(client.lines.toSorted()).toEqual(
      [
        "user:go",
        "assistant:it runs",
        "assistant:tides are in",
        "user:thanks",
        "assistant:you are welcome",
      ].toSorted(),
    );
    expect(prompts[3]?.slice(-2)).toEqual(["assistant:tides are in", "user:thanks"]);
    expect(
      server
        .messages()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(client.messages.map(({ id }) => id).toSorted());
  });

  test("asks again when nothing came in time, and when the server fails", async () => {
    await using chat = openChat();
    await chat.start("tides");
    const { run } = script(chat, [{ text: "hi" }, { text: "tides are done" }]);
    await using server = await serveChat(chat.background, { ...run, timeoutMs: 5 });
    server.failNext(2);
    await using page = open(server.url);
    await server.listening(3);

    await page.client.sendMessage({ text: "go" });
    await chat.finish("tides");
    await page.client.until(({ lines, status }) => lines.length === 3 && status === "ready");

    expect(page.client.lines.at(-1)).toBe("assistant:tides are done");
    expect(page.client.error).toBeUndefined();
  });

  test("a page that is opened later is told of what came before", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { run } = script(chat, [{ text: "tides are done" }]);
    await using server = await serveChat(chat.background, { ...run, messages: go });

    await using page = open(server.url, go);
    await page.client.until(({ lines, status }) => lines.length === 2 && status === "ready");

    expect(page.client.lines).toEqual(["user:go", "assistant:tides are done"]);
  });

  test("a failing provider is asked again, and then the result is told once", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { run, prompts } = script(chat, [
      { fails: "down" },
      { fails: "down" },
      { text: "tides are done" },
    ]);
    await using server = await serveChat(chat.background, { ...run, messages: go });

    await using page = open(server.url, go);
    await page.client.until(({ lines }) => lines.at(-1) === "assistant:tides are done");

    expect(tellings(prompts.at(-1) ?? [], "tides")).toBe(1);
    await chat.background.session.turn(() => {});
    expect(chat.background.session.notifications.pending()).toBe(0);
  });
});

describe("pushTurn", () => {
  test("gives nothing when nothing came, or the client left", async () => {
    await using chat = openChat();
    const { run } = script(chat, []);
    const left = new AbortController();

    expect(await chat.background.pushTurn({ ...run, messages: [], timeoutMs: 1 })).toBeUndefined();
    const waiting = chat.background.pushTurn({ ...run, messages: [], signal: left.signal });
    left.abort();
    expect(await waiting).toBeUndefined();
    await expect(
      chat.background.pushTurn({ ...run, messages: [], timeoutMs: -1 }),
    ).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  test("gives nothing when the running turn tells it all", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { run } = script(chat, []);
    const over = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const turn = chat.background.session.turn(async () => {
      begun.resolve();
      await over.promise;
      await chat.background.session.notifications.drain(() => {});
    });
    await begun.promise;

    const pushing = chat.background.pushTurn({ ...run, messages: [], timeoutMs: 50 });
    over.resolve();
    await turn;

    expect(await pushing).toBeUndefined();
  });

  test("gives up in time also while somebody else has the turn", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { run, prompts } = script(chat, []);
    const over = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const turn = chat.background.session.turn(() => {
      begun.resolve();
      return over.promise;
    });
    await begun.promise;

    expect(await chat.background.pushTurn({ ...run, messages: go, timeoutMs: 20 })).toBeUndefined();
    over.resolve();
    await turn;

    expect(prompts).toEqual([]);
    expect(chat.background.session.notifications.pending()).toBe(1);
  });

  test("of two listeners one gets it", async () => {
    await using chat = openChat();
    const { run, prompts } = script(chat, [{ text: "tides are done" }]);
    const options = { ...run, messages: go, timeoutMs: 200 };

    const pushing = [chat.background.pushTurn(options), chat.background.pushTurn(options)];
    await chat.settle("tides");
    const streams = (await Promise.all(pushing)).filter((stream) => stream !== undefined);

    expect(streams).toHaveLength(1);
    expect(prompts).toHaveLength(1);
  });

  test("acknowledges nothing behind a question that is not answered", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { run } = script(chat, [{ fails: "down" }]);
    let saved: UIMessage[] = [];
    const failed = await chat.background.streamTurn({
      ...run,
      messages: go,
      onEnd: ({ messages }) => {
        saved = messages;
      },
    });
    await failed?.pipeTo(new WritableStream());
    await chat.background.session.notifications.wait();
    const question: UIMessage = { id: "3", role: "user", parts: [{ type: "text", text: "and?" }] };

    const messages = [...saved, question];
    const pushed = await chat.background.pushTurn({ ...run, messages, timeoutMs: 50 });

    expect(pushed).toBeUndefined();
    expect(chat.background.session.notifications.pending()).toBe(1);
  });

  test("is put off while an approval is pending", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const deploy = tool({ inputSchema: z.object({}), execute: async () => "deployed" });
    const messages: UIMessage[] = [
      ...go,
      {
        id: "2",
        role: "assistant",
        parts: [
          { type: "step-start" },
          {
            type: "tool-deploy",
            toolCallId: "a",
            state: "approval-requested",
            input: {},
            approval: { id: "b" },
          },
        ],
      },
    ];
    const { run } = script(chat, []);

    const tools = { deploy };
    const pushed = await chat.background.pushTurn({ ...run, tools, messages, timeoutMs: 50 });

    expect(pushed).toBeUndefined();
    expect(chat.background.session.notifications.pending()).toBe(1);
  });
});
