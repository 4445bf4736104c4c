// Named after what Mastra's own tests promise of notifications; see the README for what differs.
import { BackgroundManager, memoryStore, type Store } from "@meanwhile/core";
import { generateText, isStepCount, type ModelMessage } from "ai";
import { expect, test } from "vitest";
import { conversation, createBackground } from "../../src/index.ts";
import { openChat, type TestChat, tellings } from "../support/chat.ts";
import { scripted } from "../support/model.ts";

const go: ModelMessage[] = [{ role: "user", content: "go" }];

/** What one call is told. */
async function told(chat: Pick<TestChat, "background">, limits: object = {}): Promise<string[]> {
  const { model, prompts } = scripted([{ text: "I see" }]);
  await generateText({ model, messages: go, ...chat.background.attach(limits) });
  return prompts[0] ?? [];
}

test("are scoped to their thread", async () => {
  await using chat = openChat();
  const other = createBackground(chat.manager, { session: "chat-2" });
  await chat.settle("tides");

  expect(tellings(await told({ background: other }), "tides")).toBe(0);
  expect(tellings(await told(chat), "tides")).toBe(1);
});

test("the same key in two threads are two tasks, each told in its own", async () => {
  await using chat = openChat();
  const other = createBackground(chat.manager, { session: "chat-2" });
  const options = { idempotencyKey: "once", title: "same" };
  const [one, two] = [
    await chat.background.session.start(async () => "here", options),
    await other.session.start(async () => "there", options),
  ];
  expect(two.id).not.toBe(one.id);
  await Promise.all([one, two].map(async ({ id, session }) => ended(chat, session, id)));

  expect((await told(chat)).at(-1)).toContain("here");
  expect((await told({ background: other })).at(-1)).toContain("there");
});

test("what was received is a copy", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const first = await chat.background.session.notifications.receive();
  Object.assign(first.notifications[0] ?? {}, { title: "changed", session: "chat-2" });
  await first.release();

  expect((await told(chat)).at(-1)).toContain('title="tides"');
});

test("several are one message, each with its own kind", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  await chat.start("winds");
  const [, winds] = await chat.background.session.list();
  await chat.background.session.cancel(winds?.id ?? "");

  const lines = await told(chat);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/kind="completed".*kind="cancelled"/s);
});

test("are seen in bulk, and paged where they are many: all are told, each once", async () => {
  await using chat = openChat();
  const topics = Array.from({ length: 45 }, (_, index) => `topic ${index}.`);
  await chat.settle(...topics);
  const { model, prompts } = scripted([{ text: "20" }, { text: "40" }, { text: "45" }]);

  await generateText({
    model,
    messages: go,
    stopWhen: isStepCount(10),
    ...chat.background.attach(),
  });

  expect(prompts).toHaveLength(3);
  for (const topic of topics) expect(tellings(prompts[2] ?? [], topic)).toBe(1);
  expect(chat.background.session.notifications.pending()).toBe(0);
});

test("are not handed out again while they are in flight", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const { model } = scripted([
    {
      text: "I see",
      meanwhile: async () => {
        expect(chat.background.session.notifications.pending()).toBe(0);
        expect((await chat.background.session.notifications.receive()).notifications).toEqual([]);
      },
    },
  ]);

  await generateText({ model, messages: go, ...chat.background.attach() });
  expect(await told(chat)).toEqual(["user:go"]);
});

test("a failed acknowledgement is reported, and a later call does not tell it again", async () => {
  const inner = memoryStore();
  let isDown = false;
  const store: Store = {
    ...inner,
    commit: (changes) =>
      isDown && changes.some(({ type }) => type === "ack")
        ? Promise.reject(new Error("the database is down"))
        : inner.commit(changes),
  };
  await using chat = openChat({ store });
  await chat.settle("tides");
  const first = scripted([{ text: "I see" }]);
  const errors: unknown[] = [];
  isDown = true;
  const result = await generateText({
    model: first.model,
    messages: go,
    ...chat.background.attach({ onError: (error) => errors.push(error) }),
  });
  isDown = false;
  expect(errors.map(String)).toEqual([expect.stringContaining("the database is down")]);

  await chat.clock.advance(600_000);
  const { model, prompts } = scripted([{ text: "yes" }]);
  const messages: ModelMessage[] = [...conversation(go, result), { role: "user", content: "and?" }];
  await generateText({ model, messages, ...chat.background.attach() });
  expect(tellings(prompts[0] ?? [], "tides")).toBe(1);
  expect(chat.background.session.notifications.pending()).toBe(0);
});

test("a failure wakes where successes do not, and what did not wake is told with it", async () => {
  await using chat = openChat();
  const woken = Promise.withResolvers<string[]>();
  chat.manager.onWake(async () => woken.resolve(await told(chat)), {
    debounceMs: 0,
    policy: "failure",
  });
  await chat.settle("tides");
  await chat.clock.advance(60_000);
  expect(chat.background.session.notifications.pending()).toBe(1);

  await chat.background.session.start(() => Promise.reject(new Error("broken")));
  await chat.background.session.notifications.wait();
  await chat.clock.advance(1);
  const lines = await woken.promise;

  expect(tellings(lines, "tides")).toBe(1);
  expect(lines.at(-1)).toContain("broken");
});

test("keys of the prototype are names like others", async () => {
  await using manager = new BackgroundManager();
  for (const session of ["__proto__", "constructor", "toString"]) {
    const background = createBackground(manager, { session });
    const title = "hasOwnProperty";
    await background.session.start(async () => session, { title, idempotencyKey: "__proto__" });
    await background.session.notifications.wait();

    expect((await told({ background })).at(-1)).toContain(`\n${session}\n`);
    expect(background.session.notifications.pending()).toBe(0);
  }
});

async function ended({ manager }: TestChat, session: string, id: string): Promise<void> {
  const task = await manager.session(session).get(id);
  for await (const event of task.events()) if (event.type === "task-end") return;
}
