import { MemorySaver } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { backgroundSummarization, meanwhileMiddleware } from "../../src/index.ts";
import { condensing, say } from "../support/agent.ts";
import { brief, scripted } from "../support/model.ts";
import { openThread, type TestThread, tellings } from "../support/thread.ts";

type Order = "before" | "behind";

/** An agent whose history is condensed from `trigger` messages on, to the last `keep`. */
function openAgent(
  thread: TestThread,
  order: Order,
  options: { trigger?: number; keep?: number } = {},
) {
  const { trigger = 6, keep = 2 } = options;
  const main = scripted();
  const summaries = scripted();
  const condense = condensing(summaries, { trigger, keep });
  const meanwhile = meanwhileMiddleware(thread);
  const agent = createAgent({
    model: main.model,
    middleware: order === "before" ? [meanwhile, condense] : [condense, meanwhile],
    checkpointer: new MemorySaver(),
  });
  return {
    main,
    summaries,
    async turn(text: string): Promise<string[]> {
      main.add({ text: `answer to ${text}` });
      await agent.invoke(say(text), thread.config);
      return main.prompts.at(-1) ?? [];
    },
    messages: async (): Promise<string[]> =>
      (await agent.graph.getState(thread.config)).values.messages.map(brief),
    start: async (topic: string) => {
      main.add({ calls: [{ name: "research", args: { topic } }] }, { text: "it runs" });
      await agent.invoke(say(`start ${topic}`), thread.config);
    },
  };
}

const condensed = /The conversation was condensed\./;
const announcements = (lines: readonly string[]) => lines.filter((line) => condensed.test(line));

describe.each<Order>(["before", "behind"])(
  "meanwhileMiddleware %s summarizationMiddleware",
  (order) => {
    test("announces a live task again when the history was condensed, once, at the tail", async () => {
      await using thread = openThread();
      const chat = openAgent(thread, order);
      await chat.start("tides");
      expect(announcements(await chat.turn("1"))).toEqual([]);
      chat.summaries.add({ text: "SUM" });

      const prompt = await chat.turn("2");
      const [id] = (await thread.session.list()).map((task) => task.id);

      expect(prompt[0]).toMatch(/SUM$/);
      expect(prompt.at(-1)).toMatch(condensed);
      expect(prompt.at(-1)).toContain(`${id} running "tides"`);
      expect(announcements(prompt)).toHaveLength(1);
      expect(announcements(await chat.turn("3"))).toHaveLength(1);
    });

    test("announces a task whose start was condensed at once", async () => {
      await using thread = openThread();
      const chat = openAgent(thread, order, { trigger: 3, keep: 0 });
      chat.summaries.add({ text: "SUM" });
      await chat.start("tides");

      expect(chat.main.prompts.at(-1)).toEqual([
        expect.stringMatching(/SUM$/),
        expect.stringMatching(/condensed\. Background tasks that are not finished.*"tides"/s),
      ]);
    });

    test("does so after each time, and not for a task that has ended", async () => {
      await using thread = openThread();
      const chat = openAgent(thread, order);
      await chat.start("tides");
      await chat.start("winds");
      chat.summaries.add({ text: "ONE" }, { text: "TWO" }, { text: "THREE" }, { text: "FOUR" });
      await chat.turn("1");
      expect(announcements(await chat.turn("2"))).toHaveLength(1);
      await thread.finish("tides");
      for (const text of ["3", "4", "5"]) await chat.turn(text);

      const [announced] = announcements(await chat.turn("6"));

      expect(announced).toMatch(/"winds"/);
      expect(announced).not.toMatch(/"tides"/);
      await thread.finish("winds");
      for (const text of ["7", "8", "9"]) await chat.turn(text);
      expect(announcements(await chat.turn("10"))).toEqual([]);
    });

    test("a result that comes with the condensing is told, and told once", async () => {
      await using thread = openThread();
      const chat = openAgent(thread, order);
      await chat.start("tides");
      await chat.turn("1");
      await thread.finish("tides");
      chat.summaries.add({ text: "SUM" });

      const prompt = await chat.turn("2");

      expect(tellings(prompt, "tides")).toBe(1);
      expect(announcements(prompt)).toEqual([]);
      expect(tellings(await chat.messages(), "tides")).toBe(1);
      expect(thread.session.notifications.pending()).toBe(0);
    });

    test("a result that was condensed at once, before the model saw it, is named again", async () => {
      await using thread = openThread();
      const chat = openAgent(thread, order, { trigger: 6, keep: 0 });
      await chat.start("tides");
      await thread.finish("tides");
      chat.summaries.add({ text: "SUM" });

      const prompt = await chat.turn("1");

      const told = prompt.filter((line) =>
        /all about tides|completed t_\w+ "tides": read it/.test(line),
      );
      expect(told).toHaveLength(1);
      await chat.turn("2");
      expect(thread.session.notifications.pending()).toBe(0);
    });

    test("a history that nothing condenses is never announced in", async () => {
      await using thread = openThread();
      const chat = openAgent(thread, order, { trigger: 100 });
      await thread.session.start(thread.research, { topic: "by the application" });
      await chat.start("tides");
      for (const text of ["1", "2", "3"]) await chat.turn(text);

      expect(announcements(await chat.messages())).toEqual([]);
    });
  },
);

describe.each<Order>(["before", "behind"])(
  "meanwhileMiddleware %s backgroundSummarization",
  (order) => {
    test("announces live tasks again after the swap", async () => {
      await using thread = openThread();
      const main = scripted();
      const summaries = scripted({ text: "SUM" });
      const meanwhile = meanwhileMiddleware(thread);
      const condense = backgroundSummarization({
        manager: thread.manager,
        model: summaries.model,
        trigger: { messages: 6 },
        keep: { messages: 2 },
      });
      const agent = createAgent({
        model: main.model,
        middleware: order === "before" ? [meanwhile, condense] : [condense, meanwhile],
        checkpointer: new MemorySaver(),
      });
      const ended = Promise.withResolvers<void>();
      thread.manager.on("task-end", () => ended.resolve());
      main.add({ calls: [{ name: "research", args: { topic: "tides" } }] }, { text: "it runs" });
      await agent.invoke(say("start"), thread.config);
      main.add({ text: "one" }, { text: "two" }, { text: "three" });
      await agent.invoke(say("1"), thread.config);
      await agent.invoke(say("2"), thread.config);
      await ended.promise;
      await agent.invoke(say("3"), thread.config);

      const prompt = main.prompts.at(-1) ?? [];
      expect(prompt[0]).toMatch(/SUM$/);
      expect(prompt.at(-1)).toMatch(condensed);
      expect(announcements(prompt)).toHaveLength(1);
      // The summary itself is nothing that the model should know of.
      expect(prompt.at(-1)).not.toMatch(/Summary of the conversation/);
    });
  },
);
