import { MemorySaver } from "@langchain/langgraph";
import { createAgent, HumanMessage } from "langchain";
import { describe, expect, test } from "vitest";
import { meanwhileMiddleware } from "../../src/index.ts";
import { brief, scripted } from "../support/model.ts";
import { openThread, tellings } from "../support/thread.ts";

const say = (text: string) => ({ messages: [new HumanMessage(text)] });

describe("meanwhileMiddleware", () => {
  test("a task is started, and its end is told before the next model call", async () => {
    await using thread = openThread();
    const { model, prompts } = scripted(
      { calls: [{ name: "research", args: { topic: "tides" } }] },
      { text: "it runs" },
      { text: "it is in" },
    );
    const agent = createAgent({
      model,
      middleware: [meanwhileMiddleware(thread)],
      checkpointer: new MemorySaver(),
    });

    const first = await agent.invoke(say("look up the tides"), thread.config);
    console.log(first.messages.map(brief), await thread.session.list());
    await thread.finish("tides");
    const second = await agent.invoke(say("and?"), thread.config);

    expect(first.messages.map(brief)).toEqual([
      "human:look up the tides",
      "ai:call(research)",
      expect.stringMatching(/^tool:Task t_\w+ \(tides\) is/),
      "ai:it runs",
    ]);
    expect(prompts[2]?.at(-2)).toBe("human:and?");
    expect(prompts[2]?.at(-1)).toMatch(/^human:\[Automatic.*all about tides/s);
    expect(second.messages.map(brief).at(-1)).toBe("ai:it is in");
    const third = await agent.invoke({ messages: [] }, thread.config);
    expect(tellings(third.messages.map(brief), "tides")).toBe(1);
    expect(thread.session.notifications.pending()).toBe(0);
    expect((await thread.session.notifications.receive()).notifications).toEqual([]);
  });
});
