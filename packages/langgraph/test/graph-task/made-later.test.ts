import { AIMessage } from "@langchain/core/messages";
import { MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { BackgroundManager } from "@meanwhile/core";
import { describe, expect, test } from "vitest";
import { graphTask, type ThreadGraph } from "../../src/index.ts";

function answering(text: string, checkpointer?: MemorySaver): ThreadGraph {
  return new StateGraph(MessagesAnnotation)
    .addNode("model", () => ({ messages: [new AIMessage(text)] }))
    .addEdge(START, "model")
    .compile(checkpointer === undefined ? {} : { checkpointer });
}

describe("a graph that is made when the manager is there", () => {
  test("is made once, when the first such task runs", async () => {
    let times = 0;
    const task = graphTask({
      name: "answer",
      description: "Answers.",
      manager: () => manager,
      graph: () => {
        times += 1;
        return answering("yes", new MemorySaver());
      },
    });
    await using manager: BackgroundManager = new BackgroundManager({ tasks: [task] });
    const session = manager.session("thread-1");
    expect(times).toBe(0);

    const started = await Promise.all(
      ["one", "two"].map((prompt) => session.start(task, { prompt })),
    );

    expect(await Promise.all(started.map((each) => each.result()))).toEqual(["yes", "yes"]);
    expect(times).toBe(1);
  });

  test("and has no checkpointer fails the task, which one that is given refuses at once", async () => {
    const options = { name: "answer", description: "Answers.", manager: () => manager };
    const task = graphTask({ ...options, graph: () => answering("yes") });
    await using manager: BackgroundManager = new BackgroundManager({ tasks: [task] });

    const started = await manager.session("thread-1").start(task, { prompt: "go" });

    await expect(started.result()).rejects.toMatchObject({
      message: expect.stringContaining("checkpointer"),
    });
    expect(() => graphTask({ ...options, graph: answering("yes") })).toThrow(/checkpointer/);
  });
});
