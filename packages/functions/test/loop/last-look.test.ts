import { memoryStore, type Store } from "@meanwhile/core";
import { expect, test } from "vitest";
import { tellings } from "../support/conversation.ts";
import { openSession } from "../support/test-session.ts";
import { chat } from "../wires/wires.ts";

test("a task that ends while the run looks for open ones is told before it is idle", async () => {
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
      finishing = background.finish("tides");
      await settled.promise;
      const open = await inner.tasks(query);
      setImmediate(announce.resolve);
      return open;
    },
  };
  await using background = openSession({ store });
  await using model = await chat.start([{ text: "hello" }, { text: "I see." }]);
  await background.start("tides");
  isStarted = true;

  const result = await chat.functions(background.session).runUntilIdle({
    messages: [chat.user("hi")],
    create: chat.create(model),
  });
  await finishing;

  expect(result).toMatchObject({ reason: "idle", turns: 2, steps: 2 });
  expect(tellings(result.messages, "all about tides")).toBe(1);
});
