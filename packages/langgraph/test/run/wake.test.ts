import { EventEmitter, once } from "node:events";
import { type StructuredToolInterface, tool } from "@langchain/core/tools";
import { Command, MemorySaver } from "@langchain/langgraph";
import { memoryStore } from "@meanwhile/core";
import { describe, expect, test } from "vitest";
import { createRunner, isParked } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, research, say, scripted, tellings } from "../support/model.ts";
import { durabilities, savers } from "../support/savers.ts";
import { openThread } from "../support/thread.ts";

test("a wake tells what is owed, and one without cause asks no model", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const model = scripted(research("tides"), { text: "waiting" }, { text: "here it is" });
  const graph = buildGraph({ manager, model });
  const runner = createRunner(graph, { manager });

  await runner.invoke(say("go"), config);
  expect(await runner.wake("thread-1")).toBe("nothing");
  await thread.finish("tides");
  expect(await runner.wake("thread-1")).toBe("ran");
  expect(await runner.wake("thread-1")).toBe("nothing");

  expect(lines(await savedMessages(graph, config)).slice(-2)).toEqual([
    "told:tides",
    "ai:here it is",
  ]);
  expect(model.callCount).toBe(3);
});

test("a thread that nobody has spoken in is told as well", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  expect(await runner.wake("thread-1")).toBe("ran");

  expect(lines(await savedMessages(graph, config))).toEqual(["told:tides", "ai:ok"]);
});

test("what a thread holds already, and is received again, is acknowledged without a run", async () => {
  const store = memoryStore();
  const model = scripted();
  const saver = new MemorySaver();
  await using before = openThread({ store });
  await before.settle("tides");
  // Past the runner: the process ends behind the checkpoint and before the acknowledgement.
  await buildGraph({ manager: before.manager, model, saver }).invoke(say("go"), before.config);
  await before.manager.close();

  await using thread = openThread({ store });
  const { manager, config, session } = thread;
  const graph = buildGraph({ manager, model, saver });
  await manager.open();

  expect(session.notifications.pending()).toBe(1);
  expect(await createRunner(graph, { manager }).wake("thread-1")).toBe("nothing");
  expect((await session.notifications.receive()).notifications).toEqual([]);
  expect(tellings(lines(await savedMessages(graph, config)), "tides")).toBe(1);
  expect(model.callCount).toBe(1);
});

describe.for(durabilities)("with durability %s", (durability) => {
  test("a run that failed is taken up where it stopped, and told in it what is owed", async () => {
    await using thread = openThread();
    const { manager, config } = thread;
    const model = scripted(research("tides"), { fails: "model down" }, { text: "recovered" });
    const graph = buildGraph({ manager, model });
    const runner = createRunner(graph, { manager, config: { durability } });

    await expect(runner.invoke(say("go"), config)).rejects.toThrow("model down");
    await thread.finish("tides");
    expect(await runner.wake("thread-1")).toBe("resumed");

    const saved = lines(await savedMessages(graph, config));
    expect(saved.filter((line) => line === "tool:started")).toHaveLength(1);
    expect(tellings(saved, "tides")).toBe(1);
    expect(saved).toContain("ai:recovered");
    expect(await runner.wake("thread-1")).toBe("nothing");
  });
});

test("a wake that fails leaves what it would have told owed, and the next one tells it once", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const graph = buildGraph({ manager, model: scripted({ fails: "down" }, { fails: "down" }) });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  await expect(runner.wake("thread-1")).rejects.toThrow("down");
  await expect(runner.wake("thread-1")).rejects.toThrow("down");
  expect(await runner.wake("thread-1")).toBe("resumed");

  const saved = lines(await savedMessages(graph, config));
  expect(tellings(saved, "tides")).toBe(1);
  expect(saved.at(-1)).toBe("ai:ok");
  expect((await session.notifications.receive()).notifications).toEqual([]);
});

test("what the model has answered is not owed when a tool fails behind that", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const broken = tool(() => Promise.reject(new Error("the tool is down")), {
    name: "broken",
    description: "Breaks.",
    schema: { type: "object", properties: {} },
  }) as unknown as StructuredToolInterface;
  const model = scripted({ calls: [{ name: "broken" }] });
  const graph = buildGraph({ manager, model, tools: [broken], toolErrors: "throw" });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  await expect(runner.invoke(say("hi"), config)).rejects.toThrow("the tool is down");

  expect(lines(await savedMessages(graph, config))).toEqual([
    "human:hi",
    "told:tides",
    "ai:call(broken)",
  ]);
  expect((await session.notifications.receive()).notifications).toEqual([]);
});

test("a graph that does not take notifications is told of, and they stay owed", async () => {
  await using thread = openThread();
  const { manager, session } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  const deaf = {
    ...graph,
    checkpointer: graph.checkpointer,
    invoke: async () => ({}),
    stream: async () => [] as never,
    getState: graph.getState.bind(graph),
  };
  await thread.settle("tides");

  const wake = createRunner(deaf, { manager }).wake("thread-1");

  await expect(wake).rejects.toThrow("drainNotifications");
  expect(session.notifications.pending()).toBe(1);
});

describe("woken by the manager", () => {
  test("a thread runs again by itself when its task has ended", async () => {
    await using thread = openThread();
    const { manager, config, clock } = thread;
    const asked = Promise.withResolvers<void>();
    const model = scripted(research("tides"), { text: "waiting" });
    const graph = buildGraph({
      manager,
      model,
      before: (messages) => {
        if (tellings(lines(messages), "tides") > 0) asked.resolve();
      },
    });
    const runner = createRunner(graph, { manager });
    const stop = runner.autoWake({ debounceMs: 10 });

    await runner.invoke(say("go"), config);
    await thread.finish("tides");
    await clock.advance(10);
    await asked.promise;
    stop();

    await runner.invoke(say("thanks"), config);
    expect(tellings(lines(await savedMessages(graph, config)), "tides")).toBe(1);
    expect(model.callCount).toBe(4);
  });

  test("a wake that fails is tried again, with growing delays", async () => {
    await using thread = openThread();
    const { manager, config, clock } = thread;
    const retries: number[] = [];
    const tried = new EventEmitter();
    manager.on("wake-retry", ({ delayMs }) => {
      retries.push(delayMs);
      tried.emit("again");
    });
    const done = Promise.withResolvers<void>();
    const model = scripted({ fails: "down" }, { fails: "down" });
    const graph = buildGraph({
      manager,
      model,
      before: () => (model.callCount === 2 ? done.resolve() : undefined),
    });
    const runner = createRunner(graph, { manager });
    runner.autoWake({ debounceMs: 0 });
    await thread.settle("tides");

    for (const delayMs of [0, 1_000]) {
      const again = once(tried, "again");
      await clock.advance(delayMs);
      await again;
    }
    await clock.advance(2_000);
    await done.promise;
    await runner.commit("thread-1");
    expect(retries).toEqual([1_000, 2_000]);
    expect(tellings(lines(await savedMessages(graph, config)), "tides")).toBe(1);
  });
});

describe.for(savers)("a parked thread, with $name", ({ open, missing }) => {
  test.skipIf(missing)("ends its run with an interrupt, and goes on when it is woken", async () => {
    await using thread = openThread();
    await using opened = await open();
    const { manager, config } = thread;
    const model = scripted(research("tides"), { text: "waiting" });
    const graph = buildGraph({ manager, model, idle: "park", saver: opened.saver });
    const runner = createRunner(graph, { manager });

    const parked = await runner.invoke(say("go"), config);
    const [task] = await thread.session.list();
    expect(parked).toMatchObject({
      __interrupt__: [
        { value: { type: "meanwhile", waitingFor: [{ id: task?.id, title: "tides" }] } },
      ],
    });
    expect(isParked(parked)).toBe(true);
    expect(isParked(await graph.getState(config))).toBe(true);
    expect(await runner.wake("thread-1")).toBe("nothing");
    await thread.finish("tides");
    expect(await runner.wake("thread-1")).toBe("resumed");

    expect(lines(await savedMessages(graph, config)).slice(-3)).toEqual([
      "ai:waiting",
      "told:tides",
      "ai:ok",
    ]);
    expect(isParked(await graph.getState(config))).toBe(false);
    expect(model.callCount).toBe(3);
  });

  test.skipIf(missing)(
    "takes a user's message, parks again, and is told all the same",
    async () => {
      await using thread = openThread();
      await using opened = await open();
      const { manager, config } = thread;
      const model = scripted(research("tides"), { text: "waiting" }, { text: "still at it" });
      const graph = buildGraph({ manager, model, idle: "park", saver: opened.saver });
      const runner = createRunner(graph, { manager });

      await runner.invoke(say("go"), config);
      const answered = await runner.invoke(say("how is it going?"), config);
      expect(isParked(answered)).toBe(true);
      await thread.finish("tides");
      await runner.wake("thread-1");

      expect(lines(await savedMessages(graph, config)).slice(-5)).toEqual([
        "ai:waiting",
        "human:how is it going?",
        "ai:still at it",
        "told:tides",
        "ai:ok",
      ]);
    },
  );
});

test.each(durabilities)(
  "a thread that parks is told what it is owed once it is woken (durability %s)",
  async (durability) => {
    await using thread = openThread();
    const { manager, config, session } = thread;
    const model = scripted(research("tides", "moon"), { text: "waiting" });
    const graph = buildGraph({ manager, model, idle: "park" });
    const runner = createRunner(graph, { manager, config: { durability } });

    await runner.invoke(say("go"), config);
    await thread.finish("tides");
    await runner.wake("thread-1");
    expect(isParked(await graph.getState(config))).toBe(true);
    await thread.finish("moon");
    await runner.wake("thread-1");

    const told = lines(await savedMessages(graph, config)).filter((line) =>
      line.startsWith("told"),
    );
    expect(told).toEqual(["told:tides", "told:moon"]);
    expect((await session.notifications.receive()).notifications).toEqual([]);
  },
);

test("a thread that is resumed without cause parks again, and asks no model", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const model = scripted(research("tides"), { text: "waiting" });
  const graph = buildGraph({ manager, model, idle: "park" });
  await graph.invoke(say("go"), config);

  const again = await graph.invoke(new Command({ resume: true }), config);

  expect(isParked(again)).toBe(true);
  expect(model.callCount).toBe(2);
});

test("a parked thread whose task's result was read elsewhere comes to its end", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const model = scripted(research("tides"), { text: "waiting" });
  const graph = buildGraph({ manager, model, idle: "park" });
  const runner = createRunner(graph, { manager });
  await runner.invoke(say("go"), config);
  const [task] = await session.list();
  const result = (await session.get(task?.id ?? "")).result();
  await thread.finish("tides");
  await result;

  expect(await runner.wake("thread-1")).toBe("resumed");

  expect((await graph.getState(config)).next).toEqual([]);
  expect(model.callCount).toBe(2);
});
