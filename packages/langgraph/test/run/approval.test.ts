import { EventEmitter, once } from "node:events";
import { Command } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { createRunner, isParked } from "../../src/index.ts";
import { eraseTool } from "../support/erase.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, research, say, scripted } from "../support/model.ts";
import { durabilities, savers } from "../support/savers.ts";
import { openThread } from "../support/thread.ts";

const erase = { calls: [{ name: "erase", args: { what: "all" } }] };

describe.for(savers)("with $name", ({ open, missing }) => {
  test.skipIf(missing).each(durabilities)(
    "a wake waits for a person's approval, whose run then tells what is owed (%s)",
    async (durability) => {
      await using thread = openThread();
      await using opened = await open();
      const { manager, config, session } = thread;
      const erased: string[] = [];
      const model = scripted(erase);
      const graph = buildGraph({ manager, model, saver: opened.saver, tools: [eraseTool(erased)] });
      const runner = createRunner(graph, { manager, config: { durability } });

      const asked = await runner.invoke(say("erase all"), config);
      await thread.settle("tides");
      expect(isParked(asked)).toBe(false);
      expect(await runner.wake("thread-1")).toBe("waiting-for-human");
      expect(await runner.wake("thread-1")).toBe("waiting-for-human");
      expect((await graph.getState(config)).tasks.flatMap((task) => task.interrupts)).toMatchObject(
        [{ value: { ask: "erase all?" } }],
      );
      const { messages } = await runner.invoke(new Command({ resume: true }), config);

      expect(lines(messages)).toEqual([
        "human:erase all",
        "ai:call(erase)",
        "tool:erased",
        "told:tides",
        "ai:ok",
      ]);
      expect(erased).toEqual(["all"]);
      expect((await session.notifications.receive()).notifications).toEqual([]);
    },
  );
});

test("while a person is waited for, wakes are tried with growing delays, and ask no model", async () => {
  await using thread = openThread();
  const { manager, config, clock } = thread;
  const model = scripted(erase);
  const graph = buildGraph({ manager, model, tools: [eraseTool()] });
  const runner = createRunner(graph, { manager });
  const delays: number[] = [];
  const tried = new EventEmitter();
  manager.on("wake-retry", ({ delayMs }) => {
    delays.push(delayMs);
    tried.emit("again");
  });
  await runner.invoke(say("erase all"), config);
  runner.autoWake({ debounceMs: 0 });
  await thread.settle("tides");

  for (const delayMs of [0, 1_000, 2_000, 4_000]) {
    const again = once(tried, "again");
    await clock.advance(delayMs);
    await again;
  }

  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(model.callCount).toBe(1);
});

test("what came meanwhile is told behind the answers of all calls, that of the one beside it too", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const model = scripted({ calls: [...(research("tides").calls ?? []), ...erase.calls] });
  const graph = buildGraph({ manager, model, tools: [eraseTool()] });
  const runner = createRunner(graph, { manager });

  await runner.invoke(say("both"), config);
  await thread.settle("moon");
  expect(await runner.wake("thread-1")).toBe("waiting-for-human");
  const { messages } = await runner.invoke(new Command({ resume: false }), config);

  expect(lines(messages)).toEqual([
    "human:both",
    "ai:call(research,erase)",
    "tool:started",
    "tool:refused",
    "told:moon",
    "ai:ok",
  ]);
});

test.each([
  ["before the tools", { interruptBefore: ["tools"] }, 1],
  ["before everything", { interruptBefore: "*" }, 0],
  ["after the model", { interruptAfter: ["model"] }, 1],
] as const)("a breakpoint %s is not passed by a wake", async (_, breakpoint, calls) => {
  await using thread = openThread();
  const { manager, config } = thread;
  const model = scripted(research("tides"));
  const graph = Object.assign(buildGraph({ manager, model }), breakpoint);
  const runner = createRunner(graph, { manager });
  await runner.invoke(say("go"), config);
  await thread.settle("moon");

  expect(await runner.wake("thread-1")).toBe("waiting-for-human");

  expect(model.callCount).toBe(calls);
  expect(lines(await savedMessages(graph, config)).join()).not.toContain("told");
});

test("a run until idle ends where a person is asked, and what came meanwhile is still owed", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const model = scripted(research("tides"), erase);
  const graph = buildGraph({ manager, model, tools: [eraseTool()] });
  const runner = createRunner(graph, { manager });

  const end = await runner.runUntilIdle(say("go"), config);
  await thread.finish("tides");

  expect(end).toMatchObject({ reason: "waiting-for-human", turns: 1 });
  expect(session.notifications.pending()).toBe(1);
});
