import { tool } from "@langchain/core/tools";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { createRunner } from "../../src/index.ts";
import { failingAt } from "../crash/failing-saver.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, say, scripted, tellings } from "../support/model.ts";
import { openThread } from "../support/thread.ts";

const ask = tool(() => String(interrupt("May I?")), {
  name: "ask",
  description: "Asks the user.",
  schema: { type: "object", properties: {} },
});

test("a task that a call has started is not started again when a tool beside it asks a person", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const model = scripted({
    calls: [{ name: "research", args: { topic: "tides" } }, { name: "ask" }],
  });
  const graph = buildGraph({ manager, model, tools: [ask] });
  const runner = createRunner(graph, { manager });

  await runner.invoke(say("Look it up, and ask me."), config);
  await thread.begun("tides");
  await runner.invoke(new Command({ resume: "yes" }), config);

  expect(await session.list()).toHaveLength(1);
  expect(lines(await savedMessages(graph, config))).toEqual([
    "human:Look it up, and ask me.",
    "ai:call(research,ask)",
    "tool:started",
    "tool:yes",
    "ai:ok",
  ]);
  await thread.finish("tides");
  expect(await runner.wake("thread-1")).toBe("ran");
  expect(tellings(lines(await savedMessages(graph, config)), "tides")).toBe(1);
});

test("one that has ended until then is answered with its result, and not told again", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const model = scripted({
    calls: [{ name: "research", args: { topic: "tides" } }, { name: "ask" }],
  });
  const graph = buildGraph({ manager, model, tools: [ask] });
  const runner = createRunner(graph, { manager });

  await runner.invoke(say("Look it up, and ask me."), config);
  await thread.finish("tides");
  await runner.invoke(new Command({ resume: "yes" }), config);

  expect(await session.list()).toHaveLength(1);
  expect((await savedMessages(graph, config))[2]?.text).toContain("all about tides");
  expect(await runner.wake("thread-1")).toBe("nothing");
});

const saved = ["sync", "async"] as const;
test.each(saved)("nor is it when what was done could not be saved (%s)", async (durability) => {
  const saver = new MemorySaver();
  for (let at = 1; at <= 20; at += 1) {
    await using thread = openThread({ thread: `thread-${at}` });
    const { manager, config, session } = thread;
    const model = scripted({ calls: [{ name: "research", args: { topic: "tides" } }] });
    const { failing, heal, count } = failingAt(saver, at);
    const graph = buildGraph({ manager, model, saver: failing });
    const runner = createRunner(graph, { manager, config: { durability } });

    const failed = await runner.invoke(say("Look it up."), config).catch((error: Error) => error);
    heal();
    // A run that never came to call the tool begins anew.
    if (failed instanceof Error && (await session.list()).length > 0) {
      await runner.wake(`thread-${at}`);
      expect(await session.list()).toHaveLength(1);
    }
    if (count() < at) return;
  }
  throw new Error("The checkpointer is called more often than this test knows.");
});
