import { describe, expect, test } from "vitest";
import {
  defineTask,
  type Session,
  type ToolAnswer,
  type ToolCallOptions,
} from "../../src/index.ts";
import { pick, seeded } from "../support/seeded.ts";
import { createWorld, gate, storeKinds, untilAborted, type World } from "../support/world.ts";

const call = async (
  session: Session,
  name: string,
  input: unknown,
  { graceMs = 0, ...options }: ToolCallOptions & { graceMs?: number } = {},
): Promise<ToolAnswer> => {
  const tool = session.tools({ graceMs }).find((one) => one.name === name);
  if (tool === undefined) throw new Error(`There is no tool ${name}.`);
  return tool.call(input, options);
};

function setUp(world: World) {
  const work = gate<unknown>();
  const slow = defineTask({
    name: "slow",
    description: "Takes its time.",
    input: {
      type: "object",
      properties: { what: { type: "string" } },
      required: ["what"],
      additionalProperties: false,
    },
    run: () => work.opened,
  });
  const manager = world.manager({ tasks: [slow] });
  return { manager, session: manager.session("chat"), work, slow };
}

describe.each(storeKinds)("tools (%s)", (kind) => {
  test("a definition's tool answers with the task's id, and the end is told", async () => {
    await using world = await createWorld(kind);
    const { session, work } = setUp(world);
    const answer = await call(session, "slow", { what: "a" });
    expect(answer).toMatchObject({ isError: false, taskId: expect.stringMatching(/^t_/) });
    expect(answer.text).toContain(answer.taskId);
    expect(answer.text).toContain("running in the background");
    work.open("done");
    await world.until(() => session.notifications.pending() === 1);
  });

  test("a call that is made again with its key starts nothing, and tells of the task that there is", async () => {
    await using world = await createWorld(kind);
    const { session, work } = setUp(world);
    const key = { idempotencyKey: "call-1" };
    const first = await call(session, "slow", { what: "a" }, key);
    const again = await call(session, "slow", { what: "a" }, key);
    const other = await call(session, "slow", { what: "a" }, { idempotencyKey: "call-2" });
    expect(again).toEqual(first);
    expect(other.taskId).not.toBe(first.taskId);

    work.open("done");
    await world.until(() => session.notifications.pending() === 2);
    const late = await call(session, "slow", { what: "a" }, key);
    expect(late).toMatchObject({ taskId: first.taskId, isError: false, ended: true });
    expect(late.text).toContain("done");
    // It was told by that, as by any reading of the result.
    expect(session.notifications.pending()).toBe(1);
    expect(await session.list()).toHaveLength(2);
  });

  test("an answer that tells how a task ended is marked so, and one about a live task is not", async () => {
    await using world = await createWorld(kind);
    const { session, work } = setUp(world);
    const started = await call(session, "slow", { what: "a" });
    const id = { task_id: started.taskId };
    const live = await call(session, "read_task", id);
    work.open("done");
    const answers = [
      await call(session, "wait_for_task", id),
      await call(session, "read_task", id),
      await call(session, "read_task", { ...id, after: 0 }),
      await call(session, "cancel_task", id),
    ];
    expect([started, live].map(({ ended }) => ended)).toEqual([undefined, undefined]);
    expect(answers.map(({ ended }) => ended)).toEqual([true, true, true, true]);
  });

  test.each([{}, { what: 5 }, { what: "a", more: 1 }, null, undefined, "a", [], 5])(
    "a bad input, %o, is answered in words, and nothing is stored",
    async (input) => {
      await using world = await createWorld(kind);
      const { session } = setUp(world);
      const answer = await call(session, "slow", input);
      expect(answer.isError).toBe(true);
      expect(answer.text).toContain("INVALID_INPUT");
      expect(await session.list()).toEqual([]);
    },
  );

  test("within its grace the result itself is the answer, and is not told again", async () => {
    await using world = await createWorld(kind);
    const { session, work } = setUp(world);
    const answering = call(session, "slow", { what: "a" }, { graceMs: 5_000 });
    await world.clock.advance(1_000);
    work.open({ found: "the tides" });
    const answer = await answering;
    expect(answer.text).toContain("completed");
    expect(answer.text).toContain("the tides");
    await world.clock.advance(60_000);
    expect((await session.notifications.receive()).notifications).toEqual([]);
  });

  test("past its grace the answer is an acknowledgement, and the end is told once", async () => {
    await using world = await createWorld(kind);
    const { session, work } = setUp(world);
    const answering = call(session, "slow", { what: "a" }, { graceMs: 5_000 });
    await world.clock.advance(5_000);
    expect((await answering).text).toContain("running in the background");
    work.open("done");
    await world.until(() => session.notifications.pending() === 1);
    expect((await session.notifications.receive()).notifications).toHaveLength(1);
  });

  test("a result that meets the end of the grace is either answered or told, never both or neither", async () => {
    for (let distance = 0; distance < 16; distance += 1) {
      await using world = await createWorld(kind);
      const { session, work } = setUp(world);
      const answering = call(session, "slow", { what: "a" }, { graceMs: 5_000 });
      await world.clock.advance(4_999);
      const late = world.clock.advance(1);
      for (let turn = 0; turn < distance; turn += 1) await null;
      work.open("the result");
      const { text } = await answering;
      await late;
      await world.clock.advance(1_000);
      const { notifications } = await session.notifications.receive();
      expect(notifications).toHaveLength(text.includes("the result") ? 0 : 1);
      expect(world.history.violations()).toEqual([]);
    }
  });

  test("read_task shows status, error, result and output, live and after the end", async () => {
    await using world = await createWorld(kind);
    const { session } = setUp(world);
    const work = gate();
    const task = await session.start(
      async ({ write, report }) => {
        await write("step one\n");
        report({ completed: 1, total: 4, message: "quarter" });
        await work.opened;
        return { answer: 42 };
      },
      { title: "the work" },
    );
    await world.clock.settle();
    let shown = "";
    await world.until(async () => {
      shown = (await call(session, "read_task", { task_id: task.id })).text;
      return shown.includes("step one");
    });
    expect(shown).toContain("status: running");
    expect(shown).toContain("25%");
    work.open();
    await world.until(() => session.notifications.pending() === 1);
    const { text } = await call(session, "read_task", { task_id: task.id });
    for (const part of ["completed", "the work", "42", "step one"]) expect(text).toContain(part);
    const failed = await session.start(() => Promise.reject(new Error("out of tides")));
    await world.until(() => session.notifications.pending() === 1);
    const told = await call(session, "read_task", { task_id: failed.id });
    expect(told).toMatchObject({ isError: false });
    expect(told.text).toContain("failed");
    expect(told.text).toContain("out of tides");
  });

  test("read_task pages through the output from any byte", async () => {
    await using world = await createWorld(kind);
    const { session } = setUp(world);
    const lines = Array.from({ length: 4_000 }, (_, index) => `line ${index}`);
    const task = await session.start(async ({ write }) => write(lines.join("\n")));
    await world.until(() => session.notifications.pending() === 1);
    let after = 0;
    let all = "";
    for (let page = 0; page < 20; page += 1) {
      const { text } = await call(session, "read_task", { task_id: task.id, after });
      all += text;
      const next = /Read on with after: (\d+)/.exec(text)?.[1];
      if (next === undefined) break;
      after = Number(next);
    }
    for (const line of ["line 0", "line 1999", "line 3999"]) expect(all).toContain(line);
    expect(all).toContain("end of the output");
  });

  test("wait_for_task waits, gives up in time with a friendly word, and ends with its signal", async () => {
    await using world = await createWorld(kind);
    const { session, work } = setUp(world);
    const { taskId } = await call(session, "slow", { what: "a" });
    const waiting = call(session, "wait_for_task", { task_id: taskId, timeout_seconds: 10 });
    await world.clock.advance(10_000);
    const gaveUp = await waiting;
    expect(gaveUp).toMatchObject({ isError: false, taskId });
    expect(gaveUp.text).toContain("has not ended");
    const abort = new AbortController();
    const aborted = call(session, "wait_for_task", { task_id: taskId }, { signal: abort.signal });
    await world.clock.settle();
    abort.abort();
    expect((await aborted).text).toContain("aborted");
    const zero = call(session, "wait_for_task", { task_id: taskId, timeout_seconds: 0 });
    await world.clock.advance(0);
    expect((await zero).text).toContain("has not ended");
    const last = call(session, "wait_for_task", { task_id: taskId });
    await world.clock.settle();
    work.open("the end");
    expect((await last).text).toContain("the end");
    expect((await session.notifications.receive()).notifications).toEqual([]);
  });

  test("list_tasks lists what lives, or all, and says when there is more or nothing", async () => {
    await using world = await createWorld(kind);
    const { session } = setUp(world);
    expect((await call(session, "list_tasks", {})).text).toBe("No task is queued or running.");
    const done = await session.start(() => 1, { title: "done" });
    await done.result();
    const work = gate();
    const live = await session.start(() => work.opened, { title: "live" });
    const open = (await call(session, "list_tasks", {})).text;
    expect(open).toContain(live.id);
    expect(open).not.toContain(done.id);
    expect((await call(session, "list_tasks", { all: true })).text).toContain(done.id);
    for (let index = 0; index < 60; index += 1) await session.start(() => 1, { delayMs: 1_000 });
    const many = (await call(session, "list_tasks", { all: true })).text;
    expect(many.split("\n").length).toBeLessThanOrEqual(51);
    expect(many).toContain("More than 50");
    expect(many).toContain(live.id);
  });

  test("list_tasks with all shows the newest when there are too many", async () => {
    await using world = await createWorld(kind);
    const { session } = setUp(world);
    for (let index = 0; index < 60; index += 1) {
      await (await session.start(() => 1, { title: `number ${index}.` })).result();
    }
    const { text } = await call(session, "list_tasks", { all: true });
    expect(text).toContain("number 59.");
    expect(text).not.toContain("number 0.");
  });

  test("send_to_task reaches a running and a queued task, and is refused by an ended one", async () => {
    await using world = await createWorld(kind);
    const { session } = setUp(world);
    const echo = async ({ messages }: { messages: AsyncIterable<string> }): Promise<string> => {
      for await (const message of messages) return message;
      return "nothing";
    };
    const running = await session.start(echo);
    const queued = await session.start(echo, { delayMs: 1_000 });
    for (const { id } of [running, queued]) {
      expect(await call(session, "send_to_task", { task_id: id, text: "hi" })).toMatchObject({
        isError: false,
      });
    }
    expect(await running.result()).toBe("hi");
    await world.clock.advance(1_000);
    expect(await queued.result()).toBe("hi");
    const late = await call(session, "send_to_task", { task_id: queued.id, text: "hi" });
    expect(late).toMatchObject({ isError: true });
    expect(late.text).toContain("TASK_SETTLED");
  });

  test("watch_task owes a notification when a line matches, also one of before", async () => {
    await using world = await createWorld(kind);
    const { session } = setUp(world);
    const next = gate();
    const task = await session.start(async ({ write, signal }) => {
      await write("listening on port 80\n");
      await next.opened;
      await write("listening on port 81\nERROR 7\n");
      await untilAborted(signal);
    });
    for (const pattern of ["port \\d+", "^ERROR"]) {
      const answer = await call(session, "watch_task", { task_id: task.id, pattern });
      expect(answer).toMatchObject({ isError: false });
    }
    const heard = async (): Promise<number> => {
      await world.clock.advance(300);
      return session.notifications.pending();
    };
    await world.until(async () => (await heard()) === 1);
    next.open();
    await world.until(async () => (await heard()) === 3);
    const { notifications, text } = await session.notifications.receive();
    expect(notifications.map(({ kind: what }) => what)).toEqual(["match", "match", "match"]);
    expect(text).toContain("ERROR 7");
    const bad = await call(session, "watch_task", { task_id: task.id, pattern: "(" });
    expect(bad).toMatchObject({ isError: true });
    await task.cancel();
    const ended = await call(session, "watch_task", { task_id: task.id, pattern: "x" });
    expect(ended).toMatchObject({ isError: true });
  });

  test("cancel_task ends a task, tells how it ended, and acknowledges that", async () => {
    await using world = await createWorld(kind);
    const { session } = setUp(world);
    const { taskId } = await call(session, "slow", { what: "a" });
    const answer = await call(session, "cancel_task", { task_id: taskId, reason: "no need" });
    expect(answer.text).toMatch(/^Cancelled\./);
    const done = await session.start(() => "the result");
    await world.until(() => session.notifications.pending() === 1);
    const late = await call(session, "cancel_task", { task_id: done.id });
    expect(late.text).toMatch(/^It had ended already\./);
    expect(late.text).toContain("the result");
    expect((await session.notifications.receive()).notifications).toEqual([]);
  });

  test("a task of another session is answered like one that does not exist", async () => {
    await using world = await createWorld(kind);
    const { manager, session } = setUp(world);
    const foreign = await manager.session("other").start(() => 1);
    const more: Record<string, object> = {
      send_to_task: { text: "x" },
      watch_task: { pattern: "x" },
    };
    for (const { name } of session.tools().slice(2)) {
      const answers = await Promise.all(
        [foreign.id, "t_nothing"].map((task_id) => call(session, name, { task_id, ...more[name] })),
      );
      const [one, other] = answers.map(({ text, isError }) => ({
        isError,
        text: text.replace(foreign.id, "ID").replace("t_nothing", "ID"),
      }));
      expect(one).toEqual(other);
      expect(one?.isError).toBe(true);
    }
  });

  test("no call throws, whatever it is given", async () => {
    await using world = await createWorld(kind);
    const { session } = setUp(world);
    const random = seeded(11);
    const { id } = await session.start(() => 1, { delayMs: 1_000 });
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    const hostile = {
      get task_id(): string {
        throw new Error("a getter");
      },
    };
    const values: unknown[] = [
      undefined,
      null,
      0,
      -1,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      "",
      "x",
      "\u0000",
      "💥",
      [],
      {},
      cyclic,
      hostile,
      10n,
      Symbol("s"),
      () => 1,
      new Date(Number.NaN),
      new Map(),
      Object.create(null),
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("a proxy");
          },
        },
      ),
      id,
      `${id}x`,
      "a".repeat(100_000),
      { task_id: id },
      { task_id: {} },
      { __proto__: { task_id: id } },
    ];
    const reasons: unknown[] = [
      undefined,
      null,
      "bye",
      Symbol("s"),
      Object.create(null),
      new Error("bye"),
      {
        toString: () => {
          throw new Error("no text");
        },
      },
    ];
    for (let round = 0; round < 600; round += 1) {
      const tool = pick(random, session.tools());
      const keys = [
        "task_id",
        "text",
        "pattern",
        "after",
        "timeout_seconds",
        "all",
        "reason",
        "what",
      ];
      const input =
        random() < 0.3
          ? pick(random, values)
          : Object.fromEntries(
              keys.filter(() => random() < 0.4).map((key) => [key, pick(random, values)]),
            );
      const abort = new AbortController();
      if (random() < 0.2) abort.abort(pick(random, reasons));
      const answering = tool.call(input, { signal: abort.signal });
      await world.clock.settle();
      abort.abort(pick(random, reasons));
      const answer = await answering;
      expect(typeof answer.text).toBe("string");
      expect(typeof answer.isError).toBe("boolean");
    }
  });
});
