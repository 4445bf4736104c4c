// Named after what Mastra's own tests promise of background tasks; see the README for what differs.
import {
  BackgroundManager,
  defineTask,
  type ManagerOptions,
  memoryStore,
  type TaskStatus,
} from "@meanwhile/core";
import { virtualClock } from "@meanwhile/core/testing";
import { type ToolSet, tool } from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createBackground, type TaskData, type TaskStarted } from "../../src/index.ts";

/** A tool whose calls end when the test says so, run in the background of one chat. */
function open(options: ManagerOptions = {}) {
  const clock = virtualClock();
  const manager = new BackgroundManager({ clock, ...options });
  const background = createBackground(manager, { session: "chat-1" });
  const begun: { topic: string; signal: AbortSignal | undefined }[] = [];
  const work = new Map<string, PromiseWithResolvers<string>>();
  const of = (topic: string): PromiseWithResolvers<string> => {
    const known = work.get(topic) ?? Promise.withResolvers<string>();
    known.promise.catch(() => {});
    work.set(topic, known);
    return known;
  };
  let looks: (() => void)[] = [];
  const lookUp = tool({
    description: "Looks something up.",
    inputSchema: z.object({ topic: z.string() }),
    execute: ({ topic }, { abortSignal }) => {
      begun.push({ topic, signal: abortSignal });
      for (const look of looks) look();
      return of(topic).promise;
    },
  });
  const tools = { lookUp: background.backgroundable(lookUp, { mode: "always" }) };
  return {
    clock,
    manager,
    background,
    session: background.session,
    begun,
    /** Resolves when so many calls have begun. */
    running: (count: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (begun.length >= count) resolve();
        };
        looks = [...looks, look];
        look();
      }),
    call: async (topic: string): Promise<string> =>
      ((await callTool(tools, "lookUp", { topic })) as TaskStarted).taskId,
    complete: (topic: string) => of(topic).resolve(`all about ${topic}`),
    fail: (topic: string) => of(topic).reject(new Error(`nothing about ${topic}`)),
    [Symbol.asyncDispose]: () => manager.close({ running: "cancel" }),
  };
}

function callTool(tools: ToolSet, name: string, input: unknown): Promise<unknown> {
  const execute = tools[name]?.execute as (input: unknown, options: object) => unknown;
  return Promise.resolve(execute(input, { toolCallId: "a", messages: [] }));
}

type Opened = ReturnType<typeof open>;

async function ended({ session }: Opened, id: string): Promise<TaskStatus> {
  const task = await session.get(id);
  await task.result().catch(() => {});
  return (await task.snapshot()).status;
}

describe("manager", () => {
  test("executes and completes, and tells the result", async () => {
    await using chat = open();
    const id = await chat.call("tides");
    chat.complete("tides");
    await chat.session.notifications.wait();

    expect((await chat.session.notifications.receive()).text).toContain("all about tides");
    expect((await (await chat.session.get(id)).snapshot()).status).toBe("completed");
  });

  test("passes the arguments", async () => {
    await using chat = open();
    await chat.call("tides");
    await chat.running(1);

    expect(chat.begun.map(({ topic }) => topic)).toEqual(["tides"]);
  });

  test("records a failure, and tells it", async () => {
    await using chat = open();
    const id = await chat.call("tides");
    chat.fail("tides");
    await chat.session.notifications.wait();

    expect((await chat.session.notifications.receive()).text).toContain("nothing about tides");
    expect(await ended(chat, id)).toBe("failed");
  });

  test("refuses a tool without an executor", async () => {
    await using chat = open();
    const elsewhere = tool({ inputSchema: z.object({}), outputSchema: z.string() });

    expect(() => chat.background.backgroundable(elsewhere)).toThrow(/execute/);
  });

  test("keeps to the caps, of all and of one chat, and queues the rest", async () => {
    await using chat = open({ limits: { concurrency: 3, perSession: { concurrency: 2 } } });
    for (const topic of ["tides", "winds", "rain"]) await chat.call(topic);
    await chat.running(2);
    expect((await chat.session.list({ status: ["queued"] })).map(({ status }) => status)).toEqual([
      "queued",
    ]);
    chat.complete("tides");
    await chat.running(3);

    expect(chat.begun.map(({ topic }) => topic)).toEqual(["tides", "winds", "rain"]);
  });

  test("rejects when the queue is full", async () => {
    await using chat = open({ limits: { concurrency: 1, queued: 1 } });
    await chat.call("tides");
    await chat.running(1);
    await chat.call("winds");

    await expect(chat.call("rain")).rejects.toMatchObject({ code: "QUEUE_FULL" });
  });

  const slow = (name: string, options: object, run: (attempt: number) => unknown) =>
    defineTask({
      name,
      description: "Takes a while.",
      input: z.object({}),
      run: (_, { task }) => run(task.attempt),
      ...options,
    });

  test("a timeout ends the task, even if the work ignores it", async () => {
    await using chat = open();
    const task = await chat.session.start(
      slow("slow", { timeoutMs: 1_000 }, () => new Promise(() => {})),
      {},
    );
    await chat.clock.advance(1_000);

    await expect(task.result()).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  test("retries, and succeeds; exhausted, it fails with one notification", async () => {
    await using chat = open();
    const retry = { retry: { attempts: 2, delayMs: 1_000 } };
    const later = (attempt: number): string => {
      if (attempt === 1) throw new Error("not yet");
      return "done";
    };
    const good = await chat.session.start(slow("good", retry, later), {}, { notify: "never" });
    const never = (): never => {
      throw new Error("never");
    };
    const bad = await chat.session.start(slow("bad", retry, never), {});
    await chat.clock.advance(1_000);
    await chat.session.notifications.wait();

    expect(await good.result()).toBe("done");
    expect(chat.session.notifications.pending()).toBe(1);
    expect((await bad.snapshot()).attempt).toBe(2);
  });

  test("cancels while pending and while running, and has no effect on what has completed", async () => {
    await using chat = open({ limits: { concurrency: 1 } });
    const [first, second] = [await chat.call("tides"), await chat.call("winds")];
    await chat.running(1);

    expect(await chat.session.cancel(second)).toBe(true);
    expect(await chat.session.cancel(first)).toBe(true);
    expect(chat.begun[0]?.signal?.aborted).toBe(true);
    chat.complete("tides");
    const third = await chat.call("rain");
    chat.complete("rain");
    expect(await ended(chat, third)).toBe("completed");
    expect(await chat.session.cancel(third)).toBe(false);
    expect(chat.begun.map(({ topic }) => topic)).toEqual(["tides", "rain"]);
  });

  test("lists with filters and pages", async () => {
    await using chat = open();
    const ids = [await chat.call("tides"), await chat.call("winds"), await chat.call("rain")];
    chat.complete("winds");
    await ended(chat, ids[1] ?? "");

    const running = await chat.session.list({ status: ["running"] });
    expect(running.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    const page = await chat.session.list({ after: ids[0] ?? "", limit: 1 });
    expect(page.map(({ id }) => id)).toEqual([ids[1]]);
  });

  test("calls back globally and for one task", async () => {
    await using chat = open();
    const all: string[] = [];
    chat.manager.on("task-end", ({ status }) => all.push(status));
    const id = await chat.call("tides");
    const own: string[] = [];
    const watching = (async () => {
      for await (const event of (await chat.session.get(id)).events()) own.push(event.type);
    })();
    await chat.running(1);
    chat.complete("tides");
    await watching;

    expect(all).toEqual(["completed"]);
    expect(own.at(-1)).toBe("task-end");
  });

  test("cleans up after a time, another for what failed, and never what was not told", async () => {
    await using chat = open({ retention: { completedMs: 1_000, failedMs: 3_600_000 } });
    const good = await chat.call("tides");
    const bad = await chat.call("winds");
    const untold = await chat.call("rain");
    chat.complete("tides");
    chat.fail("winds");
    await ended(chat, good);
    await ended(chat, bad);
    chat.complete("rain");
    await chat.session.notifications.wait();

    /** What is there once something was cleaned up: once a minute, and files take real time. */
    const cleanedUp = async (count: number): Promise<string[]> => {
      for (;;) {
        await chat.clock.advance(61_000);
        const tasks = await chat.session.list();
        if (tasks.length <= count) return tasks.map(({ id }) => id);
      }
    };
    expect(await cleanedUp(2)).toEqual([bad, untold]);
    await chat.clock.advance(3_600_000);
    expect(await cleanedUp(1)).toEqual([untold]);
  });
});

describe("recovery", () => {
  const restart = (recover: "restart" | "fail", ran: string[]) =>
    defineTask({
      name: "work",
      description: "Works.",
      input: z.object({ topic: z.string() }),
      recover,
      run: ({ topic }, { task }) => {
        ran.push(`${topic} ${task.attempt}`);
        return ran.length === 1 ? new Promise<string>(() => {}) : `all about ${topic}`;
      },
    });

  /** A process that stands still while it runs the task, until it has lost it, and the next one. */
  async function die(recover: "restart" | "fail") {
    const store = memoryStore();
    const ran: string[] = [];
    const work = restart(recover, ran);
    const stillness = virtualClock();
    const first = new BackgroundManager({ store, tasks: [work], clock: stillness });
    const started = Promise.withResolvers<void>();
    first.on("task-start", () => started.resolve());
    await first.session("chat-1").start(work, { topic: "tides" });
    await started.promise;
    const clock = virtualClock({ start: stillness.now() + 3_600_000 });
    const second = new BackgroundManager({ store, tasks: [work], clock });
    return {
      ran,
      notifications: createBackground(second, { session: "chat-1" }).session.notifications,
      async [Symbol.asyncDispose]() {
        await second.close({ running: "cancel" });
        await first.close({ running: "cancel" });
      },
    };
  }

  test("a running task that may be restarted is, and its result reaches the chat", async () => {
    await using next = await die("restart");
    await next.notifications.wait();

    expect(next.ran).toHaveLength(2);
    expect((await next.notifications.receive()).text).toContain("all about tides");
  });

  test("a running task that may not be restarted fails, and says so", async () => {
    await using next = await die("fail");
    // The first use opens it, and that recovers.
    await next.notifications.wait();

    expect(next.ran).toHaveLength(1);
    const { notifications } = await next.notifications.receive();
    expect(notifications).toMatchObject([{ status: "failed", error: { code: "INTERRUPTED" } }]);
  });

  test("a live manager's tasks are left alone by one that starts", async () => {
    const store = memoryStore();
    await using first = open({ store });
    const id = await first.call("tides");
    await first.running(1);

    await using second = open({ store });
    expect((await second.session.list()).map(({ status }) => status)).toEqual(["running"]);
    first.complete("tides");
    expect(await ended(first, id)).toBe("completed");
    expect(second.begun).toEqual([]);
  });

  test("of two managers one claims a task", async () => {
    const store = memoryStore();
    const ran: string[] = [];
    const work = defineTask({
      name: "work",
      description: "Works.",
      input: z.object({}),
      run: (_, { task }) => {
        ran.push(task.id);
      },
    });
    await using first = new BackgroundManager({ store, tasks: [work] });
    await using second = new BackgroundManager({ store, tasks: [work] });
    await second.session("chat-1").list();
    for (let count = 0; count < 20; count += 1) await first.session("chat-1").start(work, {});
    const tasks = await second.session("chat-1").list();
    for (const { id } of tasks) await (await second.session("chat-1").get(id)).result();

    expect(ran.toSorted()).toEqual(tasks.map(({ id }) => id).toSorted());
  });
});

describe("stream", () => {
  /** What is shown of the chat's tasks, until it is as the test wants it. */
  async function watch(chat: Opened, isEnough: (tasks: readonly TaskData[]) => boolean) {
    const seen: TaskData[] = [];
    for await (const task of chat.background.watchTasks()) {
      seen.push(task);
      if (isEnough(seen)) break;
    }
    return seen;
  }

  test.each([
    ["completed", (chat: Opened) => chat.complete("tides")],
    ["failed", (chat: Opened) => chat.fail("tides")],
    [
      "cancelled",
      async ({ session }: Opened) => session.cancel((await session.list())[0]?.id ?? ""),
    ],
  ] as const)("a snapshot first and then live: running, then %s", async (status, end) => {
    await using chat = open();
    await chat.call("tides");
    await chat.running(1);

    const seen = await watch(chat, (tasks) => {
      if (tasks.length === 1) void end(chat);
      return tasks.at(-1)?.status === status;
    });

    expect(seen.map((task) => task.status)).toEqual(["running", status]);
  });

  test("progress is shown, and the last of it is not lost", async () => {
    await using chat = open();
    const over = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    await chat.session.start(async ({ report }) => {
      begun.resolve();
      await over.promise;
      for (let completed = 1; completed <= 100; completed += 1) report({ completed, total: 100 });
    });
    await begun.promise;

    const seen = await watch(chat, (tasks) => {
      over.resolve();
      return tasks.at(-1)?.status === "completed";
    });

    expect(seen.at(-1)?.progress).toEqual({ completed: 100, total: 100 });
    expect(seen.length).toBeLessThan(10);
  });

  test("only the tasks of its own chat", async () => {
    await using chat = open();
    await chat.manager.session("chat-2").start(() => new Promise(() => {}), { title: "other" });
    await chat.call("tides");

    const seen = await watch(chat, (tasks) => tasks.length > 0);

    expect(seen.map(({ title }) => title)).toEqual(["Looks something up."]);
  });
});

describe("shutdown", () => {
  test("refuses new work", async () => {
    const chat = open();
    await chat.manager.close();

    await expect(chat.call("tides")).rejects.toMatchObject({ code: "CLOSED" });
  });

  test("aborts what runs; what settles late is ignored", async () => {
    const store = memoryStore();
    const chat = open({ store });
    await chat.call("tides");
    await chat.running(1);
    await chat.manager.close({ running: "cancel" });
    expect(chat.begun[0]?.signal?.aborted).toBe(true);
    chat.complete("tides");

    await using next = open({ store });
    expect((await next.session.list()).map(({ status }) => status)).toEqual(["cancelled"]);
  });

  test("before the first use, leaves nothing", async () => {
    const chat = open();
    await chat.manager.close();

    expect(chat.clock.pendingTimers).toBe(0);
  });

  test("acknowledges nothing afterwards: the next process tells it", async () => {
    const store = memoryStore();
    const chat = open({ store });
    await chat.call("tides");
    chat.complete("tides");
    await chat.session.notifications.wait();
    const delivery = await chat.session.notifications.receive();
    await chat.manager.close();
    await expect(delivery.ack()).rejects.toMatchObject({ code: "CLOSED" });

    await using next = open({ store });
    expect(await next.session.notifications.wait()).toBe(true);
  });
});
