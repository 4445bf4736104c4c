import type { ModelMessage } from "ai";
import { describe, expect, test } from "vitest";
import { type CallResult, conversation } from "../../src/index.ts";
import { openChat, tellings } from "../support/chat.ts";
import { scripted } from "../support/model.ts";
import { ways } from "../support/ways.ts";

const go: ModelMessage[] = [{ role: "user", content: "go" }];
const research = (topic: string) => ({ name: "research", input: { topic } });
const look = { name: "list_tasks", input: {} };

describe.each(ways)("attach to $name", ({ run }) => {
  test("adds nothing when nothing is owed", async () => {
    await using chat = openChat();
    const { model, prompts } = scripted([{ text: "hi" }]);

    const result = await run({ model, messages: go }, chat.background.attach());

    expect(result.text).toBe("hi");
    expect(prompts).toEqual([["user:go"]]);
  });

  test("tells in the first step what came between two turns, and acknowledges it", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { model, prompts } = scripted([{ text: "I see" }]);

    const result = await run({ model, messages: go }, chat.background.attach());

    expect(prompts[0]?.[0]).toBe("user:go");
    expect(prompts[0]?.[1]).toMatch(/^user:.*all about tides/s);
    expect(chat.background.session.notifications.pending()).toBe(0);
    expect(tellings(conversation(go, result), "tides")).toBe(1);
  });

  test("tells behind the tool's answer what came while a step ran", async () => {
    await using chat = openChat();
    const { model, prompts } = scripted([
      { calls: [research("tides")] },
      { calls: [look], meanwhile: () => chat.finish("tides") },
      { text: "done" },
    ]);

    const tools = chat.background.tools();
    const result = await run({ model, tools, messages: go }, chat.background.attach());

    expect(result.text).toBe("done");
    expect(prompts[2]?.map((line) => line.split(":")[0])).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
      "tool",
      "user",
    ]);
    expect(tellings(prompts[2] ?? [], "tides")).toBe(1);
    expect(prompts[2]?.slice(0, 3)).toEqual(prompts[1]);
  });

  test("goes on for what came with the last answer", async () => {
    await using chat = openChat();
    await chat.start("tides");
    const { model, prompts } = scripted([
      { text: "nothing yet", meanwhile: () => chat.finish("tides") },
      { text: "now I know" },
    ]);

    const result = await run({ model, messages: go }, chat.background.attach());

    expect(result.text).toBe("now I know");
    expect(tellings(prompts[1] ?? [], "tides")).toBe(1);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("tells two results of one step once each, in their order", async () => {
    await using chat = openChat();
    await chat.settle("tides", "winds");
    const { model, prompts } = scripted([{ calls: [look] }, { text: "done" }]);

    const tools = chat.background.tools();
    await run({ model, tools, messages: go }, chat.background.attach());

    const last = JSON.stringify(prompts[1]);
    expect(tellings(prompts[1] ?? [], "tides")).toBe(1);
    expect(tellings(prompts[1] ?? [], "winds")).toBe(1);
    expect(last.indexOf("all about tides")).toBeLessThan(last.indexOf("all about winds"));
  });

  test("owes it still when the provider fails, and tells it once at the next call", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { model, prompts } = scripted([{ fails: "the provider is down" }, { text: "I see" }]);

    await expect(run({ model, messages: go }, chat.background.attach())).rejects.toThrow();
    await chat.background.session.notifications.wait();
    const result = await run({ model, messages: go }, chat.background.attach());

    expect(tellings(prompts[0] ?? [], "tides")).toBe(1);
    expect(tellings(conversation(go, result), "tides")).toBe(1);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("owes it still when the call is aborted under it", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { model, hanging } = scripted([{ hangs: true }]);
    const abort = new AbortController();

    const running = run({ model, messages: go }, chat.background.attach({ signal: abort.signal }));
    running.catch(() => {});
    await hanging;
    expect(chat.background.session.notifications.pending()).toBe(0);
    abort.abort();

    await expect(running).rejects.toThrow();
    expect(await chat.background.session.notifications.wait()).toBe(true);
  });

  test("takes nothing when the call was aborted before", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { model } = scripted([]);

    const signal = AbortSignal.abort();
    await expect(
      run({ model, messages: go }, chat.background.attach({ signal })),
    ).rejects.toThrow();

    expect(chat.background.session.notifications.pending()).toBe(1);
  });

  test("owes it still when the stop condition comes first", async () => {
    await using chat = openChat();
    await chat.start("tides");
    const { model } = scripted([{ text: "bye", meanwhile: () => chat.finish("tides") }]);

    const result = await run({ model, messages: go, steps: 1 }, chat.background.attach());

    expect(result.text).toBe("bye");
    expect(await chat.background.session.notifications.wait()).toBe(true);
  });

  test("waits for open tasks where it is asked to, each once", async () => {
    await using chat = openChat();
    const { model, prompts } = scripted([
      { calls: [research("tides"), research("winds")] },
      { text: "both run" },
      { text: "one is done" },
      { text: "both are done" },
    ]);

    const tools = chat.background.tools();
    const attachment = chat.background.attach({ idle: "wait" });
    const running = run({ model, tools, messages: go }, attachment);
    await chat.waited();
    await chat.finish("tides");
    await chat.waited(2);
    await chat.finish("winds");
    const result = await running;

    expect(result.text).toBe("both are done");
    for (const topic of ["tides", "winds"]) {
      expect(tellings(prompts.at(-1) ?? [], topic)).toBe(1);
    }
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("stops waiting when it is aborted", async () => {
    await using chat = openChat();
    const { model } = scripted([{ calls: [research("tides")] }, { text: "it runs" }]);
    const abort = new AbortController();

    const tools = chat.background.tools();
    const attachment = chat.background.attach({ idle: "wait", signal: abort.signal });
    const running = run({ model, tools, messages: go }, attachment);
    const ended = running.then(
      () => {},
      () => {},
    );
    await chat.waited();
    abort.abort();
    await ended;
    await chat.finish("tides");

    expect(chat.background.session.notifications.pending()).toBe(1);
  });

  test("stops waiting after the idle time", async () => {
    await using chat = openChat();
    const { model } = scripted([{ calls: [research("tides")] }, { text: "it runs" }]);

    const tools = chat.background.tools();
    const attachment = chat.background.attach({ idle: "wait", maxIdleMs: 60_000 });
    const running = run({ model, tools, messages: go }, attachment);
    await chat.waited();
    await chat.clock.advance(60_000);

    expect((await running).text).toBe("it runs");
  });

  test("acknowledges only what the caller could save", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const { model } = scripted([{ text: "I see" }]);
    const errors: unknown[] = [];

    const attachment = chat.background.attach({
      onStepEnd: () => {
        throw new Error("the disk is full");
      },
      onError: (error) => errors.push(error),
    });
    await run({ model, messages: go }, attachment);

    expect(String(errors[0])).toContain("the disk is full");
    expect(await chat.background.session.notifications.wait()).toBe(true);
  });

  test("tells nothing again that the conversation holds, also when it was saved as JSON", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const first = scripted([{ text: "I see" }]);
    const failing = chat.background.attach({
      onStepEnd: () => Promise.reject(new Error("saved, but the process died before the answer")),
      onError: () => {},
    });
    const result: CallResult = await run({ model: first.model, messages: go }, failing);
    await chat.background.session.notifications.wait();
    const saved = JSON.parse(JSON.stringify(conversation(go, result))) as ModelMessage[];
    await chat.settle("winds");

    const { model, prompts } = scripted([{ text: "I know" }]);
    const messages: ModelMessage[] = [...saved, { role: "user", content: "and?" }];
    await run({ model, messages }, chat.background.attach());

    expect(tellings(prompts[0] ?? [], "tides")).toBe(1);
    expect(tellings(prompts[0] ?? [], "winds")).toBe(1);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("takes what it is told to be known as known", async () => {
    await using chat = openChat();
    await chat.settle("tides");
    const seen = await chat.background.session.notifications.receive();
    await seen.release();
    const told = seen.notifications.map(({ id }) => id);
    const { model, prompts } = scripted([{ text: "hi" }]);

    await run({ model, messages: go }, chat.background.attach({ told }));

    expect(prompts).toEqual([["user:go"]]);
    expect(chat.background.session.notifications.pending()).toBe(0);
  });

  test("calls the caller's own callbacks", async () => {
    await using chat = openChat();
    const { model } = scripted([{ calls: [look] }, { text: "hi" }]);
    const seen: string[] = [];

    const attachment = chat.background.attach({
      onStart: ({ messages }) => seen.push(`start ${messages.length}`),
      onStepEnd: ({ stepNumber, text }) => seen.push(`step ${stepNumber} ${text}`),
    });
    await run({ model, tools: chat.background.tools(), messages: go }, attachment);

    expect(seen).toEqual(["start 1", "step 0 ", "step 1 hi"]);
  });
});

test("an error in the place of the stream's end is no answer", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const stream = ways.find(({ name }) => name === "streamText");
  const { model } = scripted([{ text: "I s", breaksOff: true }]);

  await stream?.run({ model, messages: go }, chat.background.attach()).catch(() => {});

  expect(await chat.background.session.notifications.wait()).toBe(true);
});
