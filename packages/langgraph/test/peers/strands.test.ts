import { MemorySaver } from "@langchain/langgraph";
import { memoryStore } from "@meanwhile/core";
import { expect, test } from "vitest";
import { createRunner, threadTools } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, research, say, scripted, tellings } from "../support/model.ts";
import { openThread } from "../support/thread.ts";

// What the tests of Strands' background tasks assert, where it makes sense here.

test("a task goes through the normal pipeline of tools", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted(research("tides")) });
  const seen: string[] = [];
  const callbacks = [
    {
      handleToolStart: (_: unknown, input: string) => void seen.push(`start ${input}`),
      handleToolEnd: ({ name }: { name: string }) => void seen.push(`end ${name}`),
    },
  ];

  await graph.invoke(say("go"), { ...config, callbacks });

  expect(seen).toEqual(['start {"topic":"tides"}', "end research"]);
});

test("work that ended between two invocations is delivered, also after a restore", async () => {
  const store = memoryStore();
  const saver = new MemorySaver();
  const model = scripted(research("tides"));
  await using first = openThread({ store });
  await buildGraph({ manager: first.manager, model, saver }).invoke(say("go"), first.config);
  await first.finish("tides");
  await first.manager.close();

  await using thread = openThread({ store });
  const { manager, config } = thread;
  await manager.open();
  const runner = createRunner(buildGraph({ manager, model, saver }), { manager });
  const { messages } = await runner.invoke(say("and?"), config);

  expect(tellings(lines(messages), "tides")).toBe(1);
});

test("work that was interrupted fails after a restore, and says so, once", async () => {
  const store = memoryStore();
  const saver = new MemorySaver();
  const model = scripted(research("tides"));
  await using first = openThread({ store });
  await buildGraph({ manager: first.manager, model, saver }).invoke(say("go"), first.config);
  await first.begun("tides");
  await first.manager.close({ running: "leave" });

  await using thread = openThread({ store });
  const { manager, config, session } = thread;
  await manager.open();
  const graph = buildGraph({ manager, model, saver });
  const runner = createRunner(graph, { manager });
  await runner.wake("thread-1");
  await runner.invoke(say("and?"), config);

  const told = (await savedMessages(graph, config)).filter(
    ({ additional_kwargs }) => "meanwhile" in additional_kwargs,
  );
  expect(told).toHaveLength(1);
  expect(told[0]?.text).toMatch(/CANCELLED|INTERRUPTED|CLOSED/);
  expect(session.notifications.pending()).toBe(0);
});

test("duplicates are dropped in one pass, and in later ones", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");
  const early = await session.notifications.receive();

  await runner.invoke(say("hi"), config);
  await early.release();
  await runner.invoke(say("again"), config);
  await runner.invoke(say("and again"), config);

  expect(tellings(lines(await savedMessages(graph, config)), "tides")).toBe(1);
});

test("a cancel resolves the one who waits", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const task = await session.start(thread.research, { topic: "tides" });
  await thread.begun("tides");
  const wait = threadTools(manager).find(({ name }) => name === "wait_for_task");

  const answer: Promise<unknown> | undefined = wait?.invoke({ task_id: task.id }, config);
  await task.cancel("enough");

  expect(String(await answer)).toContain("enough");
});

test.each([-1, 601, "soon"])("a wait of %o seconds is refused", async (seconds) => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const task = await session.start(thread.research, { topic: "tides" });
  const wait = threadTools(manager).find(({ name }) => name === "wait_for_task");

  const answer: unknown = await wait?.invoke(
    { task_id: task.id, timeout_seconds: seconds },
    config,
  );

  expect(String(answer)).toContain("INVALID_INPUT");
});
