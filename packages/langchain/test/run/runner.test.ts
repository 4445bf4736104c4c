import { Command, MemorySaver } from "@langchain/langgraph";
import { createAgent, humanInTheLoopMiddleware, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { durabilities, savers } from "../../../langgraph/test/support/savers.ts";
import {
  createRunner,
  type MeanwhileMiddlewareOptions,
  meanwhileMiddleware,
} from "../../src/index.ts";
import { say } from "../support/agent.ts";
import { brief, scripted, type Turn } from "../support/model.ts";
import { openThread, type TestThread, tellings } from "../support/thread.ts";

type AgentOptions = Parameters<typeof createAgent>[0];

function openAgent(
  thread: TestThread,
  turns: readonly Turn[] = [],
  more: Partial<AgentOptions> & Pick<MeanwhileMiddlewareOptions, "idle"> = {},
) {
  const { middleware = [], idle = "end", ...rest } = more;
  const { model, ...script } = scripted(...turns);
  const agent = createAgent({
    model,
    middleware: [meanwhileMiddleware({ ...thread, idle }), ...middleware],
    checkpointer: new MemorySaver(),
    ...rest,
  });
  const runner = createRunner(agent, thread);
  const messages = async (): Promise<string[]> =>
    (await agent.graph.getState(thread.config)).values.messages?.map(brief) ?? [];
  return { agent, runner, messages, ...script };
}

const starts = (topic: string): Turn => ({ calls: [{ name: "research", args: { topic } }] });

/** Nothing is owed any more, to anybody. */
async function expectSettled(thread: TestThread): Promise<void> {
  expect((await thread.session.notifications.receive()).notifications).toEqual([]);
  await thread.clock.advance(3_600_000);
  expect(thread.session.notifications.pending()).toBe(0);
}

/** A tool that a person must allow. */
const deploy = tool(async () => "deployed", {
  name: "deploy",
  description: "Deploys.",
  schema: z.object({}),
});
const approval = humanInTheLoopMiddleware({ interruptOn: { deploy: true } } as never) as never;

describe("createRunner", () => {
  test("what a run has told is acknowledged when it has ended", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const { runner, prompts } = openAgent(thread, [{ text: "ok" }]);

    const { messages } = await runner.invoke(say("go"), thread.config);

    expect(tellings(prompts, "tides")).toBe(1);
    expect(messages.map(brief).at(-1)).toBe("ai:ok");
    await expectSettled(thread);
  });

  test("two runs at once come one after the other, and neither is lost", async () => {
    await using thread = openThread();
    const { runner, messages } = openAgent(thread, [{ text: "to one" }, { text: "to two" }]);

    await Promise.all([
      runner.invoke(say("one"), thread.config),
      runner.invoke(say("two"), thread.config),
    ]);

    expect(await messages()).toEqual(["human:one", "ai:to one", "human:two", "ai:to two"]);
  });

  test("a user who speaks during a wake is heard behind it", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const begun = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const { runner, messages } = openAgent(thread, [
      {
        text: "it is in",
        meanwhile: () => {
          begun.resolve();
          return answer.promise;
        },
      },
      { text: "hello" },
    ]);

    const wake = runner.wake(thread.session.id);
    await begun.promise;
    const user = runner.invoke(say("hi"), thread.config);
    answer.resolve();

    expect(await wake).toBe("ran");
    await user;
    expect(await messages()).toEqual([
      expect.stringMatching(/about tides/),
      "ai:it is in",
      "human:hi",
      "ai:hello",
    ]);
    await expectSettled(thread);
  });

  test("wakes that come while a wake runs find nothing left to do", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const { runner, prompts } = openAgent(thread, [{ text: "it is in" }]);

    const outcomes = await Promise.all([1, 2, 3].map(() => runner.wake(thread.session.id)));

    expect(outcomes).toEqual(["ran", "nothing", "nothing"]);
    expect(prompts).toHaveLength(1);
  });

  test("a wake without cause asks no model", async () => {
    await using thread = openThread();
    const { runner, prompts } = openAgent(thread, [{ text: "hello" }]);
    expect(await runner.wake(thread.session.id)).toBe("nothing");
    await runner.invoke(say("hi"), thread.config);

    expect(await runner.wake(thread.session.id)).toBe("nothing");
    expect(prompts).toHaveLength(1);
  });

  test("a wake leaves an approval alone, and the run that is approved is told", async () => {
    await using thread = openThread();
    const { runner, prompts, messages } = openAgent(
      thread,
      [{ calls: [{ name: "deploy" }] }, { text: "it is deployed" }],
      { tools: [deploy], middleware: [approval] },
    );
    await runner.invoke(say("deploy it"), thread.config);
    await thread.settle("tides");

    expect(await runner.wake(thread.session.id)).toBe("waiting-for-human");
    expect(thread.session.notifications.pending()).toBe(1);
    expect(await messages()).toEqual(["human:deploy it", "ai:call(deploy)"]);
    await runner.invoke(
      new Command({ resume: { decisions: [{ type: "approve" }] } }),
      thread.config,
    );

    expect(prompts[1]).toEqual([
      "human:deploy it",
      "ai:call(deploy)",
      "tool:deployed",
      expect.stringMatching(/about tides/),
    ]);
    await expectSettled(thread);
  });

  test("an approval that is refused is told of what came meanwhile, too", async () => {
    await using thread = openThread();
    const { runner, messages } = openAgent(
      thread,
      [{ calls: [{ name: "deploy" }] }, { text: "then not" }, { text: "it is in" }],
      { tools: [deploy], middleware: [approval] },
    );
    await runner.invoke(say("deploy it"), thread.config);
    await thread.settle("tides");

    await runner.invoke(
      new Command({ resume: { decisions: [{ type: "reject", message: "no" }] } }),
      thread.config,
    );
    await runner.wake(thread.session.id);

    expect(tellings(await messages(), "tides")).toBe(1);
    await expectSettled(thread);
  });

  test("a run that failed is taken up by a wake, and what it was told is told once", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const { runner, messages } = openAgent(thread, [{ fails: "model down" }, { text: "ok" }]);

    await expect(runner.invoke(say("go"), thread.config)).rejects.toThrow("model down");
    expect(await runner.wake(thread.session.id)).toBe("resumed");

    expect(await messages()).toEqual(["human:go", expect.stringMatching(/about tides/), "ai:ok"]);
    expect(await runner.wake(thread.session.id)).toBe("nothing");
    await expectSettled(thread);
  });

  test("runs until nothing is left to do, and others may speak in between", async () => {
    await using thread = openThread();
    const { runner, messages, add } = openAgent(thread, [
      starts("tides"),
      { text: "it runs", meanwhile: () => void spoke.resolve() },
    ]);
    const spoke = Promise.withResolvers<void>();

    const run = runner.runUntilIdle(say("go"), thread.config);
    await spoke.promise;
    add({ text: "hello" }, { text: "it is in" });
    await runner.invoke(say("hi"), thread.config);
    await thread.finish("tides");
    const { reason, turns, output } = await run;

    expect({ reason, turns }).toEqual({ reason: "idle", turns: 2 });
    expect(output?.messages.map(brief).at(-1)).toBe("ai:it is in");
    expect((await messages()).slice(3)).toEqual([
      "ai:it runs",
      "human:hi",
      "ai:hello",
      expect.stringMatching(/about tides/),
      "ai:it is in",
    ]);
    await expectSettled(thread);
  });

  test("runs until a person is asked", async () => {
    await using thread = openThread();
    const { runner } = openAgent(thread, [{ calls: [{ name: "deploy" }] }], {
      tools: [deploy],
      middleware: [approval],
    });

    expect(await runner.runUntilIdle(say("go"), thread.config)).toMatchObject({
      reason: "waiting-for-human",
      turns: 1,
    });
  });

  test("keeps its bounds: turns, idle time and an abort", async () => {
    await using thread = openThread();
    const { runner, add } = openAgent(thread);

    add(starts("tides"), { text: "it runs" });
    const idle = runner.runUntilIdle(say("1"), thread.config, { maxIdleMs: 1_000 });
    await thread.begun("tides");
    await thread.waits();
    await thread.clock.advance(1_000);
    expect(await idle).toMatchObject({ reason: "max-idle", turns: 1 });

    const abort = new AbortController();
    add({ text: "still" });
    const aborted = runner.runUntilIdle(say("2"), thread.config, { signal: abort.signal });
    await thread.waits();
    abort.abort();
    expect(await aborted).toMatchObject({ reason: "aborted" });

    await thread.finish("tides");
    add({ text: "it is in" });
    expect(await runner.runUntilIdle(say("3"), thread.config, { maxTurns: 1 })).toMatchObject({
      reason: "idle",
      turns: 1,
    });
  });

  test("wakes idle threads by itself, each for what it is owed", async () => {
    await using thread = openThread();
    const { runner, add, prompts, messages } = openAgent(thread);
    add(starts("tides"), { text: "it runs" });
    await runner.invoke(say("go"), thread.config);
    const answered = Promise.withResolvers<void>();
    add({ text: "it is in", meanwhile: () => answered.resolve() });

    const stop = runner.autoWake({ debounceMs: 100 });
    await thread.finish("tides");
    await thread.clock.advance(100);
    await answered.promise;
    await thread.session.turn(() => {});
    stop();

    expect(prompts).toHaveLength(3);
    expect((await messages()).slice(-2)).toEqual([
      expect.stringMatching(/about tides/),
      "ai:it is in",
    ]);
    await expectSettled(thread);
  });

  test("an agent without a checkpointer has no threads to run", async () => {
    await using thread = openThread();
    const { model } = scripted();
    const agent = createAgent({ model, middleware: [meanwhileMiddleware(thread)] });

    expect(() => createRunner(agent, thread)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });

  test("keeps what the agent adds to its runs by itself", async () => {
    await using thread = openThread();
    const { model } = scripted(...Array.from({ length: 30 }, () => starts("tides")));
    const agent = createAgent({
      model,
      middleware: [meanwhileMiddleware(thread)],
      checkpointer: new MemorySaver(),
    }).withConfig({ recursionLimit: 4 });

    await expect(createRunner(agent, thread).invoke(say("go"), thread.config)).rejects.toThrow(
      /Recursion limit of 4/,
    );
  });
});

describe("a stream of the runner's", () => {
  test.each(["values", "updates", "messages", "custom"] as const)(
    "of %s is the agent's own, and its turn lasts until it was read",
    async (streamMode) => {
      await using thread = openThread();
      await thread.settle("tides");
      const chatty = tool(
        async (_input, runtime) => {
          (runtime as { writer?: (chunk: unknown) => void }).writer?.("half");
          return "done";
        },
        { name: "chatty", description: "Talks.", schema: z.object({}) },
      );
      const { runner, messages } = openAgent(
        thread,
        [{ calls: [{ name: "chatty" }] }, { text: "ok" }, { text: "hello" }],
        { tools: [chatty] },
      );

      const stream = await runner.stream(say("go"), { ...thread.config, streamMode });
      const user = runner.invoke(say("hi"), thread.config);
      const seen: string[] = [];
      for await (const chunk of stream) seen.push(JSON.stringify(chunk));
      await user;

      expect(tellings(seen, "tides")).toBeGreaterThanOrEqual(streamMode === "custom" ? 0 : 1);
      if (streamMode === "custom") expect(seen).toEqual(['"half"']);
      expect((await messages()).slice(-3)).toEqual(["ai:ok", "human:hi", "ai:hello"]);
      await expectSettled(thread);
    },
  );

  test("that is left ends its turn, and what it told is told again unless it is saved", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const { runner, messages, add } = openAgent(thread, [
      { calls: [{ name: "list_tasks" }] },
      { text: "never read" },
    ]);

    for await (const _chunk of await runner.stream(say("go"), {
      ...thread.config,
      streamMode: "updates",
    })) {
      break;
    }
    add({ text: "hello" }, { text: "and more" });
    await runner.invoke(say("hi"), thread.config);

    expect(tellings(await messages(), "tides")).toBe(1);
    await expectSettled(thread);
  });
});

const combinations = savers.flatMap((kind) =>
  durabilities.map((durability) => ({ kind, name: kind.name, durability })),
);

describe.each(combinations)("with $name and durability $durability", ({ kind, durability }) => {
  test.skipIf(kind.missing)(
    "a run that failed is owed nothing that it saved, and a wake goes on",
    async () => {
      await using thread = openThread();
      await using open = await kind.open();
      await thread.settle("tides");
      const { runner, messages } = openAgent(thread, [{ fails: "down" }, { text: "ok" }], {
        checkpointer: open.saver,
      });

      await expect(runner.invoke(say("go"), { ...thread.config, durability })).rejects.toThrow(
        "down",
      );
      expect(await runner.wake(thread.session.id)).toBe("resumed");

      expect(tellings(await messages(), "tides")).toBe(1);
      expect((await messages()).at(-1)).toBe("ai:ok");
      await expectSettled(thread);
    },
  );

  test.skipIf(kind.missing)(
    "tasks in parallel, users and wakes lose nothing and tell nothing twice",
    async () => {
      await using thread = openThread();
      await using open = await kind.open();
      const { runner, add, messages } = openAgent(thread, [], { checkpointer: open.saver });
      const config = { ...thread.config, durability };
      add(
        { calls: [...(starts("tides").calls ?? []), ...(starts("winds").calls ?? [])] },
        { text: "both run" },
        ...Array.from({ length: 6 }, (_, index) => ({ text: `answer ${index}` })),
      );
      await runner.invoke(say("go"), config);

      await Promise.all([
        thread.finish("tides").then(() => runner.wake(thread.session.id)),
        runner.invoke(say("one"), config),
        thread.finish("winds").then(() => runner.wake(thread.session.id)),
        runner.invoke(say("two"), config),
      ]);
      await runner.wake(thread.session.id);

      const all = await messages();
      for (const topic of ["tides", "winds"]) expect(tellings(all, topic)).toBe(1);
      expect(all.filter((line) => /^human:(one|two)$/.test(line))).toHaveLength(2);
      await expectSettled(thread);
    },
  );
});
