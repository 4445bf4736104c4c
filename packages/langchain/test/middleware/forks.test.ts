import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { type OpenSaver, savers } from "../../../langgraph/test/support/savers.ts";
import { meanwhileMiddleware } from "../../src/index.ts";
import { say } from "../support/agent.ts";
import { brief, scripted } from "../support/model.ts";
import { openThread, type TestThread, tellings } from "../support/thread.ts";

function openAgent(thread: TestThread, { saver }: OpenSaver) {
  const { model, prompts, add } = scripted();
  const agent = createAgent({
    model,
    middleware: [meanwhileMiddleware(thread)],
    checkpointer: saver,
  });
  type Config = typeof thread.config;
  return {
    prompts,
    /** One exchange, from the latest checkpoint or from a named one. */
    async turn(text: string, from: Config = thread.config): Promise<string[]> {
      add({ text: `answer to ${text}` });
      await agent.invoke(say(text), from);
      return prompts.at(-1) ?? [];
    },
    async starts(topic: string): Promise<void> {
      add({ calls: [{ name: "research", args: { topic } }] }, { text: "it runs" });
      await agent.invoke(say(`start ${topic}`), thread.config);
    },
    place: async () => (await agent.graph.getState(thread.config)).config as Config,
    messages: async (): Promise<string[]> =>
      (await agent.graph.getState(thread.config)).values.messages.map(brief),
  };
}

// PostgresSaver 1.0 keeps values by their version, which counts alike in all branches: a fork goes on
// with those of the branch that it left (langgraphjs#1812). So what a fork knows can only be tested with the others.
const forking = savers.filter(({ name }) => name !== "PostgresSaver");

describe.each(forking)("a fork with $name", (kind) => {
  test("is told again of what its branch started and another was told of", async () => {
    await using thread = openThread();
    await using open = await kind.open();
    const chat = openAgent(thread, open);
    await chat.starts("tides");
    const before = await chat.place();
    await thread.finish("tides");
    expect(tellings(await chat.turn("1"), "tides")).toBe(1);
    await chat.turn("2");

    const forked = await chat.turn("1b", before);
    expect(forked).toContain("human:1b");
    expect(forked).not.toContain("human:1");
    expect(tellings(forked, "tides")).toBe(1);

    expect(tellings(await chat.turn("2b"), "tides")).toBe(1);
    expect((await thread.session.notifications.receive()).notifications).toEqual([]);
  });

  test("from before the task was started is not told of it", async () => {
    await using thread = openThread();
    await using open = await kind.open();
    const chat = openAgent(thread, open);
    await chat.turn("0");
    const before = await chat.place();
    await chat.starts("tides");
    await thread.finish("tides");
    await chat.turn("1");
    await chat.turn("2");

    expect(tellings(await chat.turn("1b", before), "tides")).toBe(0);
  });

  test("that takes what is still owed leaves the other branch its own telling", async () => {
    await using thread = openThread();
    await using open = await kind.open();
    const chat = openAgent(thread, open);
    await chat.starts("tides");
    await chat.turn("1");
    const parent = await chat.place();
    await chat.turn("2");
    await thread.finish("tides");

    expect(tellings(await chat.turn("2b", parent), "tides")).toBe(1);
    const fork = await chat.place();
    expect(tellings(await chat.turn("2c", parent), "tides")).toBe(1);
    expect(tellings(await chat.turn("3b", fork), "tides")).toBe(1);
    expect((await thread.session.notifications.receive()).notifications).toEqual([]);
  });
});
