import { memoryStore } from "@meanwhile/core";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { durabilities, type OpenSaver, savers } from "../../../langgraph/test/support/savers.ts";
import { meanwhileMiddleware } from "../../src/index.ts";
import { say } from "../support/agent.ts";
import { brief, scripted, type Turn } from "../support/model.ts";
import { openThread, type TestThread, tellings } from "../support/thread.ts";

function openAgent(thread: TestThread, { saver }: OpenSaver, ...turns: Turn[]) {
  const { model, ...script } = scripted(...turns);
  const agent = createAgent({
    model,
    middleware: [meanwhileMiddleware(thread)],
    checkpointer: saver,
  });
  const saved = async (): Promise<string[]> =>
    (await agent.graph.getState(thread.config)).values.messages?.map(brief) ?? [];
  return { agent, saved, ...script };
}

/** Lets a method of the saver fail while it is switched on. */
function breakable({ saver }: OpenSaver, method: "put" | "putWrites"): { broken: boolean } {
  const state = { broken: false };
  const intact = saver[method].bind(saver) as (...args: unknown[]) => Promise<unknown>;
  Object.assign(saver, {
    [method]: async (...args: unknown[]) => {
      if (state.broken) throw new Error("the disk is full");
      return intact(...args);
    },
  });
  return state;
}

const combinations = savers.flatMap((kind) =>
  durabilities.map((durability) => ({ kind, name: kind.name, durability })),
);

describe.each(combinations)("with $name and durability $durability", ({ kind, durability }) => {
  test.skipIf(kind.missing)(
    "a model that fails on what it is told is told it again, once",
    async () => {
      await using thread = openThread();
      await using open = await kind.open();
      const { agent, prompts, saved } = openAgent(
        thread,
        open,
        { fails: "model down" },
        { text: "ok" },
        { text: "two" },
      );
      const config = { ...thread.config, durability };
      await thread.settle("tides");

      await expect(agent.invoke(say("go"), config)).rejects.toThrow("model down");
      await agent.invoke(say("retry"), config);
      await agent.invoke(say("and?"), config);

      expect(prompts.map((prompt) => tellings(prompt, "tides"))).toEqual([1, 1, 1]);
      expect(tellings(await saved(), "tides")).toBe(1);
      expect((await thread.session.notifications.receive()).notifications).toEqual([]);
    },
  );

  test.skipIf(kind.missing)("a failed run that is taken up again tells it once", async () => {
    await using thread = openThread();
    await using open = await kind.open();
    const { agent, prompts, saved } = openAgent(
      thread,
      open,
      { fails: "model down" },
      { text: "ok" },
      { text: "two" },
    );
    const config = { ...thread.config, durability };
    await thread.settle("tides");

    await expect(agent.invoke(say("go"), config)).rejects.toThrow("model down");
    await agent.invoke(null, config);
    await agent.invoke(say("and?"), config);

    expect(prompts.map((prompt) => tellings(prompt, "tides"))).toEqual([1, 1, 1]);
    expect(tellings(await saved(), "tides")).toBe(1);
    expect((await thread.session.notifications.receive()).notifications).toEqual([]);
  });

  test.skipIf(kind.missing).each(["put", "putWrites"] as const)(
    "what a checkpoint that failed in %s does not hold is told again, once",
    async (method) => {
      await using thread = openThread();
      await using open = await kind.open();
      const disk = breakable(open, method);
      const { agent, add, saved } = openAgent(thread, open);
      const config = { ...thread.config, durability };
      const fail = (): void => {
        disk.broken = true;
      };
      await thread.settle("tides");

      add({ text: "lost", meanwhile: fail });
      await agent.invoke(say("go"), config).catch(() => {});
      disk.broken = false;
      add({ text: "ok" }, { text: "two" });
      await agent.invoke(say("retry"), config);
      await agent.invoke(say("and?"), config);

      expect(tellings(await saved(), "tides")).toBe(1);
      expect((await thread.session.notifications.receive()).notifications).toEqual([]);
    },
  );

  test.skipIf(kind.missing)(
    "a process that dies before it acknowledges tells nothing twice",
    async () => {
      const store = memoryStore();
      await using open = await kind.open();
      const config = { configurable: { thread_id: "thread-1" }, durability };
      {
        await using thread = openThread({ store });
        await thread.settle("tides");
        await openAgent(thread, open, { text: "ok" }).agent.invoke(say("go"), config);
        // It was told, and is saved, but nobody has come back to acknowledge it.
      }
      await using later = openThread({ store });
      const { agent, prompts, saved } = openAgent(later, open, { text: "two" }, { text: "three" });
      // The lease of the one that died is over.
      await later.clock.advance(600_000);

      await agent.invoke(say("and?"), config);
      await agent.invoke(say("more?"), config);

      expect(tellings(prompts[0] ?? [], "tides")).toBe(1);
      expect(tellings(await saved(), "tides")).toBe(1);
      expect((await later.session.notifications.receive()).notifications).toEqual([]);
    },
  );
});
