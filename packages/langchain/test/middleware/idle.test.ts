import { Command, MemorySaver } from "@langchain/langgraph";
import {
  type AgentMiddleware,
  createAgent,
  modelCallLimitMiddleware,
  tool,
  toolStrategy,
} from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { savers } from "../../../langgraph/test/support/savers.ts";
import { createRunner, type Idle, isParked, meanwhileMiddleware } from "../../src/index.ts";
import { condensing, say } from "../support/agent.ts";
import { brief, scripted, type Turn } from "../support/model.ts";
import { openThread, type TestThread, tellings } from "../support/thread.ts";

type AgentOptions = Parameters<typeof createAgent>[0];

function openAgent(
  thread: TestThread,
  idle: Idle,
  turns: readonly Turn[] = [],
  more: Partial<AgentOptions> = {},
) {
  const { middleware = [], ...rest } = more;
  const { model, ...script } = scripted(...turns);
  const all: AgentMiddleware[] = [...middleware, meanwhileMiddleware({ ...thread, idle })];
  const agent = createAgent({
    model,
    middleware: all,
    checkpointer: new MemorySaver(),
    ...rest,
  });
  return { agent, ...script };
}

const starts = (topic: string): Turn => ({ calls: [{ name: "research", args: { topic } }] });

describe('idle: "wait"', () => {
  test("waits for the open tasks, and goes on in the same run", async () => {
    await using thread = openThread();
    const { agent, prompts } = openAgent(thread, "wait", [
      { calls: [...(starts("tides").calls ?? []), ...(starts("winds").calls ?? [])] },
      { text: "both run" },
      { text: "tides are in" },
      { text: "all is in" },
    ]);

    const run = agent.invoke(say("go"), thread.config);
    await thread.waits();
    await thread.finish("tides");
    await thread.waits();
    await thread.finish("winds");
    const { messages } = await run;

    expect(messages.map(brief).slice(4)).toEqual([
      "ai:both run",
      expect.stringMatching(/about tides/),
      "ai:tides are in",
      expect.stringMatching(/about winds/),
      "ai:all is in",
    ]);
    expect(prompts).toHaveLength(4);
  });

  test("streams what its tasks do while it waits", async () => {
    await using thread = openThread();
    const { agent } = openAgent(thread, "wait", [
      starts("tides"),
      { text: "it runs" },
      { text: "ok" },
    ]);
    const chunks: unknown[] = [];

    const stream = await agent.stream(say("go"), { ...thread.config, streamMode: "custom" });
    void thread.waits().then(() => thread.finish("tides"));
    for await (const chunk of stream) chunks.push(chunk);

    expect(chunks).toEqual([
      expect.objectContaining({ type: "meanwhile", name: "research", status: "running" }),
      expect.objectContaining({ type: "meanwhile", name: "research", status: "completed" }),
    ]);
  });

  test("ends at once where no task is open", async () => {
    await using thread = openThread();
    const { agent } = openAgent(thread, "wait", [{ text: "hello" }]);

    const { messages } = await agent.invoke(say("hi"), thread.config);

    expect(messages.map(brief)).toEqual(["human:hi", "ai:hello"]);
  });

  test("an empty input waits for what is open, and asks the model only then", async () => {
    await using thread = openThread();
    const { agent, add, prompts } = openAgent(thread, "end", [
      starts("tides"),
      { text: "it runs" },
    ]);
    await agent.invoke(say("go"), thread.config);
    const waiting = openAgent(thread, "wait", [{ text: "it is in" }], {
      checkpointer: agent.checkpointer as MemorySaver,
    });
    add();

    const run = waiting.agent.invoke({ messages: [] }, thread.config);
    await thread.waits();
    await thread.finish("tides");
    await run;

    expect(prompts).toHaveLength(2);
    expect(waiting.prompts).toEqual([
      expect.arrayContaining([expect.stringMatching(/about tides/)]),
    ]);
  });

  test("an abort ends the wait; the tasks go on, and are told later", async () => {
    await using thread = openThread();
    const { agent, add } = openAgent(thread, "wait", [starts("tides"), { text: "it runs" }]);
    const abort = new AbortController();

    const run = agent.invoke(say("go"), { ...thread.config, signal: abort.signal });
    await thread.waits();
    abort.abort(new Error("enough"));
    await expect(run).rejects.toThrow(/enough|abort/i);
    await thread.finish("tides");
    add({ text: "it is in" });
    const { messages } = await agent.invoke(say("and?"), thread.config);

    expect(tellings(messages.map(brief), "tides")).toBe(1);
  });

  test("goes on by way of what other middleware does before a model call", async () => {
    await using thread = openThread();
    const summaries = scripted({ text: "SUM" });
    const { agent, prompts } = openAgent(
      thread,
      "wait",
      [starts("tides"), { text: "it runs" }, { text: "never asked" }],
      {
        middleware: [
          condensing(summaries, { trigger: 5, keep: 2 }),
          modelCallLimitMiddleware({ runLimit: 3, exitBehavior: "end" } as never) as never,
        ],
      },
    );

    const run = agent.invoke(say("go"), thread.config);
    await thread.waits();
    await thread.finish("tides");
    await run;

    expect(prompts[2]?.[0]).toMatch(/SUM$/);
    expect(prompts[2]?.at(-1)).toMatch(/about tides/);
    expect(prompts).toHaveLength(3);
  });

  test("a manager that is closed meanwhile ends the run with what the agent has said", async () => {
    await using thread = openThread();
    const { agent } = openAgent(thread, "wait", [starts("tides"), { text: "it runs" }]);

    const run = agent.invoke(say("go"), thread.config);
    await thread.waits();
    await thread.manager.close({ running: "cancel" });

    expect((await run).messages.map(brief).at(-1)).toBe("ai:it runs");
  });

  test("goes on behind a structured answer, and gives the last one", async () => {
    await using thread = openThread();
    const structured = (mood: string): Turn => ({ calls: [{ name: "extract-1", args: { mood } }] });
    const { agent } = openAgent(
      thread,
      "wait",
      [starts("tides"), structured("curious"), structured("happy")],
      { responseFormat: toolStrategy(z.object({ mood: z.string() })) } as never,
    );

    const run = agent.invoke(say("go"), thread.config);
    await thread.waits();
    await thread.finish("tides");

    expect(await run).toMatchObject({ structuredResponse: { mood: "happy" } });
  });

  test("goes on behind a tool whose answer would have been the run's", async () => {
    await using thread = openThread();
    const direct = tool(async () => "done", {
      name: "direct",
      description: "Ends the run.",
      schema: z.object({}),
      returnDirect: true,
    });
    const { agent } = openAgent(
      thread,
      "wait",
      [starts("tides"), { calls: [{ name: "direct" }] }, { text: "it is in" }],
      { tools: [direct] },
    );

    const run = agent.invoke(say("go"), thread.config);
    await thread.waits();
    await thread.finish("tides");

    expect((await run).messages.map(brief).slice(-3)).toEqual([
      "tool:done",
      expect.stringMatching(/about tides/),
      "ai:it is in",
    ]);
  });

  test("waits without a checkpointer too", async () => {
    await using thread = openThread();
    const { model } = scripted(starts("tides"), { text: "it runs" }, { text: "it is in" });
    const agent = createAgent({
      model,
      middleware: [meanwhileMiddleware({ ...thread, idle: "wait" })],
    });

    const run = agent.invoke(say("go"), thread.config);
    await thread.waits();
    await thread.finish("tides");

    expect((await run).messages.map(brief).at(-1)).toBe("ai:it is in");
  });
});

describe.each(savers)('idle: "park" with $name', (kind) => {
  test.skipIf(kind.missing)(
    "interrupts, and is woken by news, also by another process",
    async () => {
      await using thread = openThread();
      await using open = await kind.open();
      const first = openAgent(thread, "park", [starts("tides"), { text: "it runs" }], {
        checkpointer: open.saver,
      });

      const parked = await createRunner(first.agent, thread).invoke(say("go"), thread.config);
      expect(isParked(parked)).toBe(true);
      const later = openAgent(thread, "park", [{ text: "it is in" }], { checkpointer: open.saver });
      const runner = createRunner(later.agent, thread);
      expect(await runner.wake(thread.session.id)).toBe("nothing");
      expect(later.prompts).toEqual([]);
      await thread.finish("tides");

      expect(await runner.wake(thread.session.id)).toBe("resumed");
      const { values } = await later.agent.graph.getState(thread.config);
      expect(values.messages.map(brief).slice(3)).toEqual([
        "ai:it runs",
        expect.stringMatching(/about tides/),
        "ai:it is in",
      ]);
      expect(isParked(await later.agent.graph.getState(thread.config))).toBe(false);
      expect((await thread.session.notifications.receive()).notifications).toEqual([]);
    },
  );
});

describe('idle: "park"', () => {
  test("parks again while other tasks are open", async () => {
    await using thread = openThread();
    const { agent } = openAgent(thread, "park", [
      { calls: [...(starts("tides").calls ?? []), ...(starts("winds").calls ?? [])] },
      { text: "both run" },
      { text: "tides are in" },
      { text: "all is in" },
    ]);
    const runner = createRunner(agent, thread);
    await runner.invoke(say("go"), thread.config);

    await thread.finish("tides");
    expect(await runner.wake(thread.session.id)).toBe("resumed");
    expect(isParked(await agent.graph.getState(thread.config))).toBe(true);
    await thread.finish("winds");
    expect(await runner.wake(thread.session.id)).toBe("resumed");

    const { values, next } = await agent.graph.getState(thread.config);
    expect(next).toEqual([]);
    expect(values.messages.map(brief).at(-1)).toBe("ai:all is in");
    for (const topic of ["tides", "winds"]) {
      expect(tellings(values.messages.map(brief), topic)).toBe(1);
    }
  });

  test("a user who speaks to a parked thread is answered, and it parks again", async () => {
    await using thread = openThread();
    const { agent } = openAgent(thread, "park", [
      starts("tides"),
      { text: "it runs" },
      { text: "hello" },
      { text: "it is in" },
    ]);
    const runner = createRunner(agent, thread);
    await runner.invoke(say("go"), thread.config);

    const answered = await runner.invoke(say("hi"), thread.config);
    expect(answered.messages.map(brief).at(-1)).toBe("ai:hello");
    expect(isParked(answered)).toBe(true);
    await thread.finish("tides");
    await runner.wake(thread.session.id);

    const { values } = await agent.graph.getState(thread.config);
    expect(values.messages.map(brief).slice(-2)).toEqual([
      expect.stringMatching(/about tides/),
      "ai:it is in",
    ]);
  });

  test("a resume without cause parks again, and asks no model", async () => {
    await using thread = openThread();
    const { agent, prompts } = openAgent(thread, "park", [starts("tides"), { text: "it runs" }]);
    const runner = createRunner(agent, thread);
    const { __interrupt__: interrupts } = (await runner.invoke(
      say("go"),
      thread.config,
    )) as never as {
      __interrupt__: { value: unknown }[];
    };

    const again = await runner.invoke(new Command({ resume: true }), thread.config);

    expect(interrupts[0]?.value).toMatchObject({
      type: "meanwhile",
      waitingFor: [{ title: "tides" }],
    });
    expect(isParked(again)).toBe(true);
    expect(prompts).toHaveLength(2);
  });

  test("runs until idle through its parking", async () => {
    await using thread = openThread();
    const { agent } = openAgent(thread, "park", [
      starts("tides"),
      { text: "it runs" },
      { text: "it is in" },
    ]);

    const run = createRunner(agent, thread).runUntilIdle(say("go"), thread.config);
    await thread.waits();
    await thread.finish("tides");

    expect(await run).toMatchObject({ reason: "idle", turns: 2 });
  });
});

test("a run that cannot be saved cannot park, and says why", async () => {
  await using thread = openThread();
  const { model } = scripted(starts("tides"), { text: "it runs" });
  const agent = createAgent({
    model,
    middleware: [meanwhileMiddleware({ ...thread, idle: "park" })],
  });

  await expect(agent.invoke(say("go"), thread.config)).rejects.toThrow(/checkpointer/);
});

test("an idle that is none is refused", async () => {
  await using thread = openThread();

  expect(() => meanwhileMiddleware({ ...thread, idle: "stop" as Idle })).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION" }),
  );
});
