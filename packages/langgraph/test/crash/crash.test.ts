import { MemorySaver } from "@langchain/langgraph";
import { memoryStore } from "@meanwhile/core";
import { describe, expect, test } from "vitest";
import { createRunner, tellingOf } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, say, scripted, tellings } from "../support/model.ts";
import { durabilities } from "../support/savers.ts";
import { openThread, type TestThread } from "../support/thread.ts";
import { failingAt } from "./failing-saver.ts";

/** More calls than a run makes to its checkpointer. */
const most = 20;

async function untilNothing(wake: () => Promise<string>): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) if ((await wake()) === "nothing") return;
  throw new Error("The thread never comes to rest.");
}

async function expectToldOnce(thread: TestThread, saver: MemorySaver): Promise<void> {
  const { manager, config, session } = thread;
  const model = scripted();
  const graph = buildGraph({ manager, model, saver });
  const runner = createRunner(graph, { manager });
  await manager.open();
  await untilNothing(() => runner.wake("thread-1"));
  const saved = lines(await savedMessages(graph, config));
  expect(tellings(saved, "tides")).toBe(1);
  expect(saved.at(-1)).toBe("ai:ok");
  expect((await session.notifications.receive()).notifications).toEqual([]);
}

describe.for(durabilities)("durability %s", (durability) => {
  test.each(["wake", "invoke"] as const)(
    "a checkpointer that dies in any call of a run (%s): told once, by the next process",
    async (how) => {
      let isPast = false;
      for (let at = 1; at <= most && !isPast; at += 1) {
        const store = memoryStore();
        const saver = new MemorySaver();
        await using dying = openThread({ store });
        await dying.settle("tides");
        const { failing, count } = failingAt(saver, at);
        const graph = buildGraph({ manager: dying.manager, model: scripted(), saver: failing });
        const runner = createRunner(graph, { manager: dying.manager, config: { durability } });
        const run =
          how === "wake" ? runner.wake("thread-1") : runner.invoke(say("hi"), dying.config);
        await run.catch(() => {});
        isPast = count() < at;
        await dying.manager.close();

        await using thread = openThread({ store });
        await expectToldOnce(thread, saver);
      }
      expect(isPast).toBe(true);
    },
  );

  test("one that fails for a while: told once, by the same process", async () => {
    for (let at = 1; at <= 8; at += 1) {
      await using thread = openThread();
      const saver = new MemorySaver();
      const { failing, heal } = failingAt(saver, at);
      const { manager, config } = thread;
      const graph = buildGraph({ manager, model: scripted(), saver: failing });
      const runner = createRunner(graph, { manager, config: { durability } });
      await thread.settle("tides");
      await runner.invoke(say("hi"), config).catch(() => {});
      heal();
      await runner.invoke(say("again"), config);

      const saved = lines(await savedMessages(graph, config));
      expect(tellings(saved, "tides")).toBe(1);
      expect((await thread.session.notifications.receive()).notifications).toEqual([]);
    }
  });

  test("one that fails for a while, without a runner: told once, and acknowledged by a later run", async () => {
    for (let at = 1; at <= 8; at += 1) {
      await using thread = openThread();
      const saver = new MemorySaver();
      const { failing, heal } = failingAt(saver, at);
      const { manager, config, session } = thread;
      const graph = buildGraph({ manager, model: scripted(), saver: failing });
      await thread.settle("tides");
      await graph.invoke(say("hi"), { ...config, durability }).catch(() => {});
      heal();
      await graph.invoke(say("again"), { ...config, durability });
      await graph.invoke(say("and again"), { ...config, durability });

      expect(tellings(lines(await savedMessages(graph, config)), "tides")).toBe(1);
      expect(tellingOf(manager).isOpen(session.id)).toBe(false);
    }
  });

  test("a process that dies behind its checkpoint, before it acknowledged, without a runner", async () => {
    const store = memoryStore();
    const saver = new MemorySaver();
    await using dying = openThread({ store });
    await dying.settle("tides");
    const graph = buildGraph({ manager: dying.manager, model: scripted(), saver });
    await graph.invoke(say("hi"), { ...dying.config, durability });
    await dying.manager.close();

    await using thread = openThread({ store });
    await expectToldOnce(thread, saver);
  });
});
