import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { MemorySaver } from "@langchain/langgraph";
import { defineTask } from "@meanwhile/core";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createRunner, meanwhileMiddleware } from "../src/index.ts";
import { say } from "./support/agent.ts";
import { brief, scripted, type Turn } from "./support/model.ts";
import { openThread, type TestThread, tellings } from "./support/thread.ts";

/** Work that fails, is empty, and is long. */
const broken = defineTask({
  name: "broken",
  description: "Fails.",
  input: z.object({}),
  run: () => {
    throw new Error("the service is down");
  },
});
const empty = defineTask({
  name: "empty",
  description: "Finds nothing.",
  input: z.object({}),
  run: () => "",
});
const long = defineTask({
  name: "long",
  description: "Says much.",
  input: z.object({}),
  run: () => `${"so ".repeat(20_000)}it ends`,
});
const tasks = [broken, empty, long];

/** The answers that tools give to one model turn's calls. */
async function answers(
  thread: TestThread,
  ...calls: NonNullable<Turn["calls"]>
): Promise<(BaseMessage & { readonly status?: string })[]> {
  const { model } = scripted({ calls }, { text: "ok" });
  const agent = createAgent({
    model,
    middleware: [meanwhileMiddleware(thread)],
    checkpointer: new MemorySaver(),
  });
  const { messages } = await agent.invoke(say("go"), thread.config);
  expect(AIMessage.isInstance(messages.at(-1))).toBe(true);
  return messages.filter((message) => ToolMessage.isInstance(message));
}

const read = (task_id: string) => ({ name: "read_task", args: { task_id } });

async function ended(thread: TestThread, definition: (typeof tasks)[number]): Promise<string> {
  const task = await thread.session.start(definition, {});
  await task.result().catch(() => {});
  return task.id;
}

describe("as deepagents' async sub-agents", () => {
  test("the reducer of what was told merges and does not mutate", async () => {
    await using thread = openThread();
    const { model } = scripted({ text: "one" }, { text: "two" });
    const agent = createAgent({
      model,
      middleware: [meanwhileMiddleware(thread)],
      checkpointer: new MemorySaver(),
    });
    const told = async (): Promise<string[]> =>
      ((await agent.graph.getState(thread.config)).values as { _meanwhile: string[] })._meanwhile;
    await thread.settle("tides");
    await agent.invoke(say("1"), thread.config);
    const first = await told();
    await thread.settle("winds");
    await agent.invoke(say("2"), thread.config);

    expect(first).toHaveLength(1);
    expect(await told()).toEqual([...first, expect.any(String)]);
  });

  test("the start of an unknown agent is answered with an error that names what there is", async () => {
    await using thread = openThread();

    const [answer] = await answers(thread, { name: "nobody" });

    expect(answer?.status).toBe("error");
    expect(answer?.text).toMatch(/not a valid tool.*research/);
  });

  test("an error of the service is told as the failure of the task", async () => {
    await using thread = openThread({ tasks });
    await ended(thread, broken);
    await thread.settle("tides");
    const id = (await thread.session.list())[0]?.id ?? "";

    const [answer] = await answers(thread, read(id));

    expect(answer?.text).toMatch(/status: failed.*the service is down/s);
  });

  test("tasks carry the times at which they were started and ended", async () => {
    await using thread = openThread();
    await thread.session.start(thread.research, { topic: "tides" });
    await thread.begun("tides");
    await thread.clock.advance(5_000);
    await thread.finish("tides");
    const [task] = await thread.session.list();

    expect((task?.settledAt ?? 0) - (task?.startedAt ?? 0)).toBe(5_000);
    expect((await thread.session.notifications.receive()).text).toContain('took="5s"');
  });

  test("the check of an unknown task, or of another thread's, is an error to act on", async () => {
    await using thread = openThread();
    const other = thread.manager.session("thread-2");
    const task = await other.start(thread.research, { topic: "theirs" });

    const [unknown, theirs] = await answers(thread, read("t_nothing"), read(task.id));

    expect(unknown).toMatchObject({ status: "error" });
    expect(theirs?.text.replace(task.id, "t_nothing")).toBe(unknown?.text);
  });

  test("the check of a running task says so", async () => {
    await using thread = openThread();
    const task = await thread.session.start(thread.research, { topic: "tides" });
    await thread.begun("tides");

    const [answer] = await answers(thread, read(task.id));

    expect(answer?.text).toMatch(/status: running/);
  });

  test("the check of a successful task gives its result, and an empty one is no failure", async () => {
    await using thread = openThread({ tasks });
    await thread.settle("tides");
    const [task] = await thread.session.list();
    const nothing = await ended(thread, empty);

    const [full, none] = await answers(thread, read(task?.id ?? ""), read(nothing));

    expect(full?.text).toMatch(/status: completed.*all about tides/s);
    expect(none).toMatchObject({ status: "success" });
    expect(none?.text).toMatch(/status: completed/);
  });

  test("the check of a failed task gives its error", async () => {
    await using thread = openThread({ tasks });

    const [answer] = await answers(thread, read(await ended(thread, broken)));

    expect(answer?.text).toMatch(/status: failed.*the service is down/s);
  });

  test("a task can be cancelled, and then is", async () => {
    await using thread = openThread();
    const task = await thread.session.start(thread.research, { topic: "tides" });
    await thread.begun("tides");

    await answers(thread, { name: "cancel_task", args: { task_id: task.id, reason: "enough" } });

    expect((await task.snapshot()).status).toBe("cancelled");
  });

  test("tasks that time out, or that somebody else cancels, are told: there they never were", async () => {
    await using thread = openThread();
    await thread.session.start(thread.research, { topic: "a" }, { timeoutMs: 1_000 });
    const stopped = await thread.session.start(thread.research, { topic: "b" });
    await thread.begun("b");
    await thread.clock.advance(1_000);
    await thread.session.notifications.wait();
    await stopped.cancel("by a person");
    const { model, prompts } = scripted({ text: "ok" });
    const agent = createAgent({
      model,
      middleware: [meanwhileMiddleware(thread)],
      checkpointer: new MemorySaver(),
    });

    await agent.invoke(say("go"), thread.config);

    expect(prompts[0]?.at(-1)).toMatch(/kind="failed".*TIMEOUT/s);
    expect(prompts[0]?.at(-1)).toMatch(/kind="cancelled"/);
  });

  test("the list is empty, or shows live tasks, and ended ones where they are asked for", async () => {
    await using thread = openThread();
    const [none] = await answers(thread, { name: "list_tasks" });
    await thread.settle("tides");
    await thread.session.start(thread.research, { topic: "winds" });
    await thread.begun("winds");

    const [live, all] = await answers(
      thread,
      { name: "list_tasks" },
      { name: "list_tasks", args: { all: true } },
    );

    expect(none?.text).toMatch(/no/i);
    expect(live?.text).toMatch(/running "winds"/);
    expect(live?.text).not.toMatch(/tides/);
    expect(all?.text).toMatch(/completed "tides"/);
    expect(all?.text).toMatch(/running "winds"/);
  });

  test("a long result is cut to its length, with a hint how to read on", async () => {
    await using thread = openThread({ tasks });
    const { model, prompts } = scripted({ text: "ok" });
    const agent = createAgent({
      model,
      middleware: [meanwhileMiddleware(thread)],
      checkpointer: new MemorySaver(),
    });
    const task = await thread.session.start(long, {});
    await thread.session.notifications.wait();

    await agent.invoke(say("go"), thread.config);

    const told = prompts[0]?.at(-1) ?? "";
    expect(told.length).toBeLessThan(10_000);
    expect(told).toMatch(/cut="read_task has the whole"/);
    expect(told).toContain(task.id);
  });

  test("an error on the way to being told is not swallowed: it is thrown, and the result stays owed", async () => {
    await using thread = openThread();
    await thread.settle("tides");
    const { model, add } = scripted({ fails: "model down" });
    const agent = createAgent({
      model,
      middleware: [meanwhileMiddleware(thread)],
      checkpointer: new MemorySaver(),
    });
    const runner = createRunner(agent, thread);

    await expect(runner.wake(thread.session.id)).rejects.toThrow("model down");
    add({ text: "it is in" });
    expect(await runner.wake(thread.session.id)).toBe("resumed");

    const { values } = await agent.graph.getState(thread.config);
    expect(tellings(values.messages.map(brief), "tides")).toBe(1);
  });
});
