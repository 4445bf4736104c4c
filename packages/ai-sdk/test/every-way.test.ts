import { describe, expect, test } from "vitest";
import { openChat, type TestChat, tellings } from "./support/chat.ts";
import { chatHosts } from "./support/chat-hosts.ts";
import type { HostKind, How } from "./support/host.ts";
import { scripted, type Turn } from "./support/model.ts";
import { modelHosts } from "./support/model-hosts.ts";

const look = { name: "list_tasks", input: {} };

/** A chat of this kind, with a model that follows the script. */
function open(chat: TestChat, kind: HostKind, script: readonly Turn[]) {
  const { model, ...rest } = scripted(script);
  const host = kind.open(chat.background, model);
  const queue = chat.background.session.notifications;
  return {
    ...rest,
    host,
    queue,
    /** A turn that may fail. */
    tryTo: (how?: How) => host.ask("go", how).catch(() => {}),
  };
}

describe.each([...modelHosts, ...chatHosts])("with $name", (kind) => {
  test("two results in one step are told in it, once each, in their order", async () => {
    await using chat = openChat();
    const { host, prompts, queue } = open(chat, kind, [{ text: "I see" }]);
    await chat.settle("tides", "winds");

    await host.ask("go");

    const told = JSON.stringify(prompts[0]);
    expect(told.indexOf("all about tides")).toBeGreaterThan(0);
    expect(told.indexOf("all about tides")).toBeLessThan(told.indexOf("all about winds"));
    for (const topic of ["tides", "winds"]) expect(tellings(host.saved(), topic)).toBe(1);
    expect(queue.pending()).toBe(0);
  });

  test("a provider that fails after it was told leaves it owed, and it is told once", async () => {
    await using chat = openChat();
    const { host, prompts, queue, tryTo } = open(chat, kind, [
      { fails: "down" },
      { text: "I see" },
    ]);
    await chat.settle("tides");

    await tryTo();
    expect(await queue.wait()).toBe(true);
    await host.ask("again");

    expect(prompts.map((lines) => tellings(lines, "tides"))).toEqual([1, 1]);
    expect(tellings(host.saved(), "tides")).toBe(1);
    expect(queue.pending()).toBe(0);
  });

  test("a provider that fails in a later step leaves owed what only that step was told", async () => {
    await using chat = openChat();
    const { host, prompts, queue, tryTo } = open(chat, kind, [
      { calls: [look], meanwhile: () => chat.settle("winds") },
      { fails: "down" },
      { text: "I see" },
    ]);
    await chat.settle("tides");

    await tryTo();
    expect(await queue.wait()).toBe(true);
    expect(queue.pending()).toBe(1);
    await host.ask("again");

    for (const topic of ["tides", "winds"]) {
      expect(tellings(prompts.at(-1) ?? [], topic)).toBe(1);
      expect(tellings(host.saved(), topic)).toBe(1);
    }
    expect(queue.pending()).toBe(0);
  });

  test("results that wait when the stop condition is reached are told in the next call", async () => {
    await using chat = openChat();
    const { host, prompts, queue } = open(chat, kind, [
      { calls: [look], meanwhile: () => chat.settle("winds") },
      { text: "I see" },
      { text: "yes" },
    ]);
    await chat.settle("tides");

    await host.ask("go", { steps: 1 });
    if (!kind.goesOn) {
      await queue.wait();
      await host.ask("and?", { steps: 1 });
    }

    expect(prompts.map((lines) => tellings(lines, "winds"))).toEqual([0, 1]);
    expect(tellings(host.saved(), "winds")).toBe(1);
    expect(queue.pending()).toBe(0);
  });

  test("what could not be saved is still owed", async () => {
    await using chat = openChat();
    const { host, queue, tryTo } = open(chat, kind, [{ text: "hm" }, { text: "I see" }]);
    await chat.settle("tides");

    await tryTo({ cannotSave: true });
    expect(await queue.wait()).toBe(true);
    await host.ask("again");

    expect(tellings(host.saved(), "tides")).toBe(1);
    expect(queue.pending()).toBe(0);
  });

  test("a conversation only grows, whatever is told in it and however often it is loaded", async () => {
    await using chat = openChat();
    const { host, prompts, queue } = open(chat, kind, [
      { calls: [look, look], meanwhile: () => chat.settle("winds") },
      { text: "two are in" },
      { text: "three" },
      { text: "and four", calls: [look] },
      { text: "that is all" },
    ]);
    await chat.settle("tides");

    await host.ask("go");
    await chat.settle("rain");
    await host.ask("more");
    await chat.settle("snow");
    await host.ask("and more");

    expect(prompts).toHaveLength(5);
    for (const [index, prompt] of prompts.entries()) {
      const before = prompts[index - 1] ?? [];
      expect(prompt.slice(0, before.length)).toEqual(before);
    }
    for (const topic of ["tides", "winds", "rain", "snow"]) {
      expect(tellings(prompts.at(-1) ?? [], topic)).toBe(1);
      expect(tellings(host.saved(), topic)).toBe(1);
    }
    expect(queue.pending()).toBe(0);
  });

  test("pruned messages keep what they tell, and are not told again", async () => {
    await using chat = openChat();
    const { host, prompts, queue } = open(chat, kind, [
      { calls: [look] },
      { text: "I see" },
      { text: "yes" },
    ]);
    await chat.settle("tides");
    await host.ask("go");
    await chat.settle("winds");

    await host.ask("and?", { prunes: true });

    expect(prompts[2]?.some((line) => line.startsWith("tool"))).toBe(false);
    for (const topic of ["tides", "winds"]) expect(tellings(prompts[2] ?? [], topic)).toBe(1);
    expect(tellings(host.saved(), "tides")).toBe(1);
    expect(queue.pending()).toBe(0);
  });

  test("nothing is told while an approval is pending, and behind the tool's answer afterwards", async () => {
    await using chat = openChat();
    const { host, prompts, queue } = open(chat, kind, [
      {
        calls: [{ name: "deploy", input: {} }],
        meanwhile: () => chat.settle("winds"),
      },
      { text: "done" },
    ]);
    await chat.settle("tides");

    await host.ask("go");
    expect(prompts).toHaveLength(1);
    expect(queue.pending()).toBe(1);
    await host.approve();

    expect(prompts[1]?.at(-2)).toContain("deployed");
    expect(tellings(prompts[1]?.slice(-1) ?? [], "winds")).toBe(1);
    expect(tellings(host.saved(), "winds")).toBe(1);
    expect(queue.pending()).toBe(0);
  });
});

const aborting = [...modelHosts, ...chatHosts].filter(({ aborts }) => aborts);

describe.each(aborting)("with $name, aborted", (kind) => {
  test("before it begins, it stays owed", async () => {
    await using chat = openChat();
    const { queue, tryTo } = open(chat, kind, []);
    await chat.settle("tides");

    await tryTo({ signal: AbortSignal.abort() });

    expect(await queue.wait()).toBe(true);
  });

  const phases: readonly (readonly [string, Turn])[] = [
    ["while it waits for the answer", { hangs: true }],
    ...(kind.streams
      ? [["in the middle of an answer", { text: "I s", stalls: true }] as const]
      : []),
  ];
  test.each(phases)("%s, it stays owed, and is told once", async (_phase, turn) => {
    await using chat = openChat();
    const { host, prompts, queue, hanging, tryTo } = open(chat, kind, [turn, { text: "I see" }]);
    const abort = new AbortController();
    await chat.settle("tides");

    const running = tryTo({ signal: abort.signal });
    await hanging;
    abort.abort();
    await running;
    expect(await queue.wait()).toBe(true);
    await host.ask("again");

    expect(tellings(prompts[1] ?? [], "tides")).toBe(1);
    expect(tellings(host.saved(), "tides")).toBe(1);
    expect(queue.pending()).toBe(0);
  });

  test("while a tool runs, what was told is told once", async () => {
    await using chat = openChat();
    const abort = new AbortController();
    const { host, prompts, queue, tryTo } = open(chat, kind, [
      { calls: [{ name: "hang", input: {} }], meanwhile: () => setImmediate(() => abort.abort()) },
      { text: "I see" },
    ]);
    await chat.settle("tides");

    await tryTo({ signal: abort.signal });
    await chat.background.session.turn(() => {});
    await host.ask("again");

    expect(tellings(prompts[1] ?? [], "tides")).toBe(1);
    expect(tellings(host.saved(), "tides")).toBe(1);
    expect(queue.pending()).toBe(0);
  });
});
