import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { fakeModel } from "@langchain/core/testing";
import { MemorySaver } from "@langchain/langgraph";
import { memoryStore } from "@meanwhile/core";
import { AIMessage, createAgent, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type BackgroundSummarizationOptions, backgroundSummarization } from "../../src/index.ts";
import { scripted, type Turn } from "../support/model.ts";
import { openThread, type TestThread } from "../support/thread.ts";

const say = (text: string) => ({ messages: [new HumanMessage(text)] });
const echo = tool(async ({ text }: { text: string }) => text, {
  name: "echo",
  description: "Repeats.",
  schema: z.object({ text: z.string() }),
});

/** An agent whose history is condensed, by a model that gives these summaries. */
function openChat(
  thread: TestThread,
  summaries: readonly Turn[],
  options: Partial<BackgroundSummarizationOptions> & { checkpointer?: MemorySaver } = {},
) {
  const { checkpointer = new MemorySaver(), ...more } = options;
  const script = scripted(...summaries);
  const main = scripted();
  const errors: unknown[] = [];
  const agent = createAgent({
    model: main.model,
    tools: [echo],
    checkpointer,
    middleware: [
      backgroundSummarization({
        manager: thread.manager,
        model: script.model,
        trigger: { messages: 5 },
        keep: { messages: 2 },
        onError: (error) => errors.push(error),
        ...more,
      }),
    ],
  });
  return {
    agent,
    main,
    errors,
    summaries: script,
    /** One exchange with the user. */
    async turn(question: string, answer = `answer to ${question}`) {
      main.add({ text: answer });
      await agent.invoke(say(question), thread.config);
      return main.prompts.at(-1) ?? [];
    },
  };
}

/** The task that summarises, which belongs to no thread. */
async function summaryEnds(thread: TestThread, work: () => unknown): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const stop = thread.manager.on("task-end", () => ended.resolve());
  await work();
  await ended.promise;
  stop();
}

describe("backgroundSummarization", () => {
  test("the agent goes on while a summary is made, which is then swapped in for its part", async () => {
    await using thread = openThread();
    const made = Promise.withResolvers<void>();
    const chat = openChat(thread, [{ text: "SUM", meanwhile: () => made.promise }]);

    await chat.turn("1");
    await chat.turn("2");
    expect(await chat.turn("3")).toHaveLength(5);
    const prompt = await chat.turn("4");
    expect(prompt).toHaveLength(7);
    await summaryEnds(thread, made.resolve);
    const after = await chat.turn("5");

    expect(after).toEqual([
      "human:Here is a summary of the conversation to date:\n\nSUM",
      "ai:answer to 2",
      "human:3",
      "ai:answer to 3",
      "human:4",
      "ai:answer to 4",
      "human:5",
    ]);
    expect(chat.summaries.prompts).toHaveLength(1);
    expect(chat.summaries.prompts[0]?.[0]).toMatch(/Human: 1\nAI: model, answer to 1\nHuman: 2\n/);
    expect(await thread.session.list()).toEqual([]);
    expect(thread.session.notifications.pending()).toBe(0);
  });

  test("a later summary takes in the earlier one", async () => {
    await using thread = openThread();
    const chat = openChat(thread, [{ text: "ONE" }, { text: "TWO" }]);

    for (const question of ["1", "2"]) await chat.turn(question);
    await summaryEnds(thread, () => chat.turn("3"));
    await summaryEnds(thread, async () => {
      for (const question of ["4", "5"]) await chat.turn(question);
    });
    const prompt = await chat.turn("6");

    expect(chat.summaries.prompts[1]?.[0]).toContain("ONE");
    expect(prompt[0]).toMatch(/TWO$/);
    expect(prompt.join("\n")).not.toContain("ONE");
  });

  test.each([
    ["what is not answered yet", 1, ["ai:call(echo)", "tool:c"]],
    [
      "a tool call without its answers",
      3,
      ["ai:call(echo)+call(echo)", "tool:a", "tool:b", "ai:call(echo)", "tool:c"],
    ],
  ])("never takes %s", async (_what, messages, kept) => {
    await using thread = openThread();
    const chat = openChat(thread, [{ text: "SUM" }], {
      trigger: { messages: 8 },
      keep: { messages },
    });
    await chat.turn("1");
    chat.main.add(
      {
        calls: [
          { name: "echo", args: { text: "a" } },
          { name: "echo", args: { text: "b" } },
        ],
      },
      { calls: [{ name: "echo", args: { text: "c" } }] },
      { text: "done" },
    );

    await summaryEnds(thread, () => chat.agent.invoke(say("go"), thread.config));
    const prompt = await chat.turn("next");

    expect(prompt).toEqual([expect.stringMatching(/SUM$/), ...kept, "ai:done", "human:next"]);
  });

  test("waits for the summary only from the hard limit on, and swaps it in at once", async () => {
    await using thread = openThread();
    const made = Promise.withResolvers<void>();
    const chat = openChat(thread, [{ text: "SUM", meanwhile: () => made.promise }], {
      hardLimit: { messages: 9 },
    });
    for (const question of ["1", "2", "3", "4"]) await chat.turn(question);
    expect(chat.main.prompts.at(-1)).toHaveLength(7);

    const waiting = chat.turn("5");
    expect(chat.main.prompts).toHaveLength(4);
    made.resolve();

    expect((await waiting)[0]).toMatch(/SUM$/);
    expect(chat.main.prompts).toHaveLength(5);
  });

  test("an abort while it waits ends the run, and the summary is there for the next", async () => {
    await using thread = openThread();
    const made = Promise.withResolvers<void>();
    const chat = openChat(thread, [{ text: "SUM", meanwhile: () => made.promise }], {
      hardLimit: { messages: 5 },
    });
    await chat.turn("1");
    await chat.turn("2");
    const abort = new AbortController();
    const started = Promise.withResolvers<void>();
    thread.manager.on("task-start", () => started.resolve());

    const run = chat.agent.invoke(say("3"), { ...thread.config, signal: abort.signal });
    await started.promise;
    abort.abort(new Error("enough"));
    await expect(run).rejects.toThrow(/enough|abort/i);
    await summaryEnds(thread, made.resolve);

    expect((await chat.turn("4"))[0]).toMatch(/SUM$/);
  });

  test("a summary that fails is told to nobody but onError, and tried again when there is more", async () => {
    await using thread = openThread();
    const chat = openChat(thread, [{ fails: "overloaded" }, { text: "SUM" }]);
    await chat.turn("1");
    await chat.turn("2");
    await summaryEnds(thread, () => chat.turn("3"));

    expect(await chat.turn("4")).toHaveLength(7);
    expect(chat.errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining("overloaded") }),
    ]);
    await summaryEnds(thread, () => chat.turn("5"));
    expect((await chat.turn("6"))[0]).toMatch(/SUM$/);
    expect(chat.summaries.prompts).toHaveLength(2);
  });

  test("a summary that fails at the hard limit does not stop the agent", async () => {
    await using thread = openThread();
    const chat = openChat(thread, [{ fails: "overloaded" }, { text: " " }], {
      hardLimit: { messages: 5 },
    });
    for (const question of ["1", "2", "3"]) await chat.turn(question);

    expect(await chat.turn("4")).toHaveLength(7);
    await chat.turn("5");

    expect(chat.errors.map((error) => (error as Error).message)).toEqual([
      expect.stringContaining("overloaded"),
      expect.stringContaining("empty"),
    ]);
  });

  test("a summary that ended with its process is made again by the next one", async () => {
    const store = memoryStore();
    const checkpointer = new MemorySaver();
    {
      await using thread = openThread({ store });
      const begun = Promise.withResolvers<void>();
      const hangs = (): Promise<never> => {
        begun.resolve();
        return new Promise(() => {});
      };
      const chat = openChat(thread, [{ meanwhile: hangs }], { checkpointer });
      for (const question of ["1", "2", "3"]) await chat.turn(question);
      await begun.promise;
      await thread.manager.close({ running: "leave" });
    }
    await using thread = openThread({ store });
    const chat = openChat(thread, [{ text: "SUM" }], { checkpointer });

    expect(await chat.turn("4")).toHaveLength(7);
    expect(chat.errors).toMatchObject([{ code: "CANCELLED" }]);
    await summaryEnds(thread, () => chat.turn("5"));
    expect((await chat.turn("6"))[0]).toMatch(/SUM$/);
  });

  test("is dropped when the part that it stands for was changed meanwhile", async () => {
    await using thread = openThread();
    const made = Promise.withResolvers<void>();
    const chat = openChat(thread, [
      { text: "STALE", meanwhile: () => made.promise },
      { text: "NEW" },
    ]);
    for (const question of ["1", "2", "3"]) await chat.turn(question);
    const { messages } = (await chat.agent.graph.getState(thread.config)).values;
    const first = messages[0];
    await chat.agent.graph.updateState(thread.config, {
      messages: [new HumanMessage({ id: first?.id ?? "", content: "edited" })],
    });
    await summaryEnds(thread, made.resolve);
    await summaryEnds(thread, () => chat.turn("4"));

    const prompt = await chat.turn("5");

    expect(prompt[0]).toMatch(/NEW$/);
    expect(chat.summaries.prompts[1]?.[0]).toContain("edited");
  });

  test("branches that share the part share its summary; a branch that left before makes its own", async () => {
    await using thread = openThread();
    const chat = openChat(thread, [{ text: "SUM" }, { text: "OTHER" }]);
    const place = async () => (await chat.agent.graph.getState(thread.config)).config;
    await chat.turn("1");
    const early = await place();
    await chat.turn("2");
    const before = await place();
    await summaryEnds(thread, () => chat.turn("3"));
    const behind = await place();
    expect((await chat.turn("4"))[0]).toMatch(/SUM$/);

    const fork = async (from: typeof early, question: string) => {
      chat.main.add({ text: `answer to ${question}` });
      await chat.agent.invoke(say(question), from as typeof thread.config);
      return chat.main.prompts.at(-1) ?? [];
    };

    expect((await fork(behind, "4b"))[0]).toMatch(/SUM$/);
    expect((await fork(before, "3b"))[0]).toMatch(/SUM$/);
    expect(chat.summaries.prompts).toHaveLength(1);
    await fork(early, "2c");
    await summaryEnds(thread, () => chat.turn("3c"));
    expect((await chat.turn("4c"))[0]).toMatch(/OTHER$/);
    expect(chat.summaries.prompts[1]?.[0]).toContain("2c");
  });

  test("counts tokens, with a counter of one's own", async () => {
    await using thread = openThread();
    const tokenCounter = (messages: readonly BaseMessage[]): number =>
      messages.reduce((sum, message) => sum + message.text.length, 0);
    const chat = openChat(thread, [{ text: "SUM" }], {
      trigger: { tokens: 100 },
      keep: { tokens: 40 },
      tokenCounter,
    });
    await chat.turn("a".repeat(30), "b".repeat(30));
    expect(chat.summaries.prompts).toHaveLength(0);
    await chat.turn("c".repeat(30), "d".repeat(10));
    await summaryEnds(thread, () => chat.turn("e".repeat(10), "f"));

    expect(await chat.turn("g")).toEqual([
      expect.stringMatching(/SUM$/),
      `ai:${"d".repeat(10)}`,
      `human:${"e".repeat(10)}`,
      "ai:f",
      "human:g",
    ]);
  });

  test("trims what is summarised where that is asked for", async () => {
    await using thread = openThread();
    const chat = openChat(thread, [{ text: "SUM" }], {
      trimTokensToSummarize: 1,
      tokenCounter: (messages) => messages.length,
    });
    for (const question of ["1", "2"]) await chat.turn(question);
    await summaryEnds(thread, () => chat.turn("3"));

    expect(chat.summaries.prompts[0]?.[0]).toMatch(/Human: 2/);
    expect(chat.summaries.prompts[0]?.[0]).not.toMatch(/Human: 1/);
  });

  test("leaks nothing into the run: no stream, no callback, no checkpoint", async () => {
    await using thread = openThread();
    const summaries = fakeModel().respond(new AIMessage("SECRET"));
    const chat = openChat(thread, [], { model: summaries, hardLimit: { messages: 5 } });
    for (const question of ["1", "2"]) await chat.turn(question);
    chat.main.add({ text: "three" });
    const calls: string[] = [];
    const tokens: string[] = [];
    const stream = await chat.agent.stream(say("3"), {
      ...thread.config,
      streamMode: ["messages"],
      subgraphs: true,
      callbacks: [
        {
          handleChatModelStart: (model: { id: string[] }) => void calls.push(model.id.at(-1) ?? ""),
        },
      ],
    } as never);
    for await (const chunk of stream) tokens.push(JSON.stringify(chunk));

    expect(summaries.callCount).toBe(1);
    expect(calls).toHaveLength(1);
    // The summary itself is a message of the thread now; the model's own answer is none.
    expect(tokens.filter((chunk) => /"content":"SECRET"/.test(chunk))).toEqual([]);
  });

  test("says what it cannot take", async () => {
    await using thread = openThread();
    const invalid = expect.objectContaining({ code: "INVALID_OPTION" });
    for (const more of [
      { trigger: {} },
      { trigger: [] },
      { trigger: { messages: 0 } },
      { keep: { tokens: -1 } },
      { hardLimit: { messages: 1.5 } },
      { summaryPrompt: "Summarise." },
    ]) {
      expect(() => openChat(thread, [], more)).toThrow(invalid);
    }
    const chat = openChat(thread, []);
    await expect(chat.agent.invoke(say("1"), { configurable: { thread_id: "" } })).rejects.toThrow(
      /thread/,
    );
  });
});
