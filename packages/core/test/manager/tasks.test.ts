import { channel } from "node:diagnostics_channel";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defineTask, type TaskEvent } from "../../src/index.ts";
import { createWorld, gate, storeKinds, untilAborted } from "../support/world.ts";

describe.each(storeKinds)("tasks (%s)", (kind) => {
  test("list filters by status, and pages", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const work = gate();
    const running = await session.start(() => work.opened);
    const ids = [running.id];
    for (let index = 0; index < 7; index += 1) {
      const task = await session.start(() => (index % 2 ? index : Promise.reject(new Error("no"))));
      await task.result().catch(() => {});
      ids.push(task.id);
    }
    const list = async (options?: object): Promise<string[]> =>
      (await session.list(options)).map(({ id }) => id);
    expect(await list()).toEqual(ids);
    expect(await list({ status: ["running"] })).toEqual([running.id]);
    expect(await list({ status: ["failed"] })).toHaveLength(4);
    expect(await list({ status: ["failed", "completed"] })).toEqual(ids.slice(1));
    expect(await list({ status: [] })).toEqual([]);
    const paged: string[] = [];
    for (let after: string | undefined; ; after = paged.at(-1)) {
      const page = await list(after === undefined ? { limit: 3 } : { limit: 3, after });
      if (page.length === 0) break;
      paged.push(...page);
    }
    expect(paged).toEqual(ids);
    await expect(session.list({ limit: 0 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  test("another session's task is as unknown as one that does not exist, in every way of asking", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const foreign = await manager.session("other").start(() => 1, { delayMs: 1_000 });
    const session = manager.session("chat");
    await session.start(() => 1);
    const told = async (asking: Promise<unknown>): Promise<unknown> =>
      asking.then(
        (value) => value,
        ({ code, message }) => ({ code, message: String(message).replaceAll(/t_\w+/g, "ID") }),
      );
    for (const ask of [
      (id: string) => session.get(id),
      (id: string) => session.cancel(id),
      (id: string) => session.start(() => 1, { after: [id] }),
      (id: string) => session.list({ after: id }),
    ]) {
      expect(await told(ask(foreign.id))).toEqual(await told(ask("t_nothing")));
    }
    for (const id of ["__proto__", "", "x".repeat(10_000)]) {
      await expect(session.get(id)).rejects.toMatchObject({ code: "UNKNOWN_TASK" });
    }
    await expect(session.get(5 as never)).rejects.toMatchObject({ code: "UNKNOWN_TASK" });
    expect((await foreign.snapshot()).status).toBe("queued");
  });

  test("events tell the life of a task in order, on the handle, the manager and diagnostics channels", async () => {
    await using world = await createWorld(kind);
    const flaky = defineTask({
      name: "flaky",
      description: "Fails once.",
      input: { type: "object" },
      retry: { attempts: 2, delayMs: 10, jitter: false },
      async run(_: unknown, { task, report, write }) {
        report({ completed: 1, total: 2 });
        await write("hello");
        if (task.attempt === 1) throw new Error("again");
        return "done";
      },
    });
    const manager = world.manager({ tasks: [flaky] });
    const names = ["task-queued", "task-start", "task-progress", "task-retry", "task-end"] as const;
    const onManager: string[] = [];
    const onChannel: string[] = [];
    const stops: (() => void)[] = [];
    for (const name of names) {
      manager.on(name, ({ type }) => onManager.push(type));
      const listener = (event: unknown): void => void onChannel.push((event as TaskEvent).type);
      channel(`meanwhile:${name}`).subscribe(listener);
      stops.push(() => channel(`meanwhile:${name}`).unsubscribe(listener));
    }
    const task = await manager.session("chat").start(flaky, {}, { delayMs: 5 });
    const seen: string[] = [];
    const listening = (async () => {
      for await (const event of task.events()) seen.push(event.type);
    })();
    await world.until(async () => {
      await world.clock.advance(10);
      return seen.includes("task-end");
    });
    await listening;
    for (const stop of stops) stop();
    const life = [
      "task-start",
      "task-progress",
      "task-output",
      "task-retry",
      "task-start",
      "task-progress",
      "task-output",
      "task-end",
    ];
    expect(seen).toEqual(life);
    const withoutOutput = life.filter((type) => type !== "task-output");
    expect(onManager).toEqual(["task-queued", ...withoutOutput]);
    expect(onChannel).toEqual(onManager);
  });

  test("events of a task that has ended are its end; an aborted signal ends them", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const done = await session.start(() => 1);
    await done.result();
    const seen: string[] = [];
    for await (const event of done.events()) seen.push(event.type);
    expect(seen).toEqual(["task-end"]);
    const work = gate();
    const live = await session.start(() => work.opened);
    const abort = new AbortController();
    const listening = (async () => {
      for await (const event of live.events({ signal: abort.signal })) seen.push(event.type);
    })();
    await world.clock.settle();
    abort.abort();
    await listening;
    expect(seen).toEqual(["task-end"]);
  });

  test("a listener that throws harms neither the task nor the other listeners", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const heard: string[] = [];
    const broken = (): never => {
      throw new Error("broken");
    };
    manager.on("task-start", broken);
    manager.on("task-end", broken);
    manager.on("notification", broken);
    manager.on("listener-error", broken);
    manager.on("task-end", ({ status }) => heard.push(status));
    const task = await manager.session("chat").start(() => 7);
    expect(await task.result()).toBe(7);
    expect(heard).toEqual(["completed"]);
  });

  test("messages reach a queued, a running and a retried task, all of them, in order", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const hearTwo = async ({ messages }: { messages: AsyncIterable<string> }): Promise<string> => {
      const heard: string[] = [];
      for await (const message of messages) {
        heard.push(message);
        if (heard.length === 3) break;
      }
      return heard.join();
    };
    const task = await session.start(hearTwo, { delayMs: 1_000 });
    await task.send("a");
    await world.clock.advance(1_000);
    await task.send("b");
    await world.clock.settle();
    await Promise.all([task.send("c"), task.send("d")]);
    expect(await task.result()).toBe("a,b,c");
    await expect(task.send("late")).rejects.toMatchObject({ code: "TASK_SETTLED" });
    await expect(task.send(5 as never)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("output is read by cursor while the task runs and later, whole characters at a time", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const next = gate();
    const text = "grüße 💥 ".repeat(50);
    const task = await session.start(async ({ write }) => {
      await write(text);
      await next.opened;
      await write(text);
    });
    let read = "";
    let after = 0;
    await world.until(async () => {
      const chunk = await task.output({ after, maxBytes: 7 });
      expect(chunk.end).toBe(false);
      expect(chunk.text).not.toContain("\ufffd");
      read += chunk.text;
      after = chunk.next;
      return read === text;
    });
    next.open();
    await task.result();
    for (let chunks = 0; chunks < 1_000; chunks += 1) {
      const chunk = await task.output({ after, maxBytes: 11 });
      read += chunk.text;
      after = chunk.next;
      if (chunk.end) break;
    }
    expect(read).toBe(text + text);
    const tail = await task.output({ tail: true, maxBytes: 20 });
    expect(text.endsWith(tail.text)).toBe(true);
    expect(await task.output({ after: 1_000_000 })).toMatchObject({ text: "", end: true });
    for (const options of [{ after: -1 }, { maxBytes: 0 }, { after: 0.5 }]) {
      await expect(task.output(options)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
  });

  test("output can be read as a terminal would show it, without secrets", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ redact: ["hunter22"] }).session("chat");
    const printed =
      "\u001b]0;title\u0007 10%\r\u001b[31m100%\u001b[0m\u200b\u202e <b>hunter22</b>\n";
    const task = await session.start(({ write }) => write(printed));
    await task.result();
    expect((await task.output()).text).toBe(printed);
    const { text } = await task.output({ clean: true });
    expect(text).toMatch(/^100% <b>.*<\/b>\n$/);
    expect(text).not.toContain("hunter22");
  });

  test("output ends at outputBytes, visibly, and the task goes on", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ outputBytes: 1_000 }).session("chat");
    const task = await session.start(async ({ write }) => {
      for (let index = 0; index < 100; index += 1) await write("x".repeat(100));
      return "done";
    });
    expect(await task.result()).toBe("done");
    const { text, truncated, end } = await task.output({ maxBytes: 100_000 });
    expect([text.length, truncated, end]).toEqual([1_000, true, true]);
    const { size, mode } = await stat(join(world.directory, "tasks", task.id, "output"));
    expect([size, mode & 0o777]).toEqual([1_000, 0o600]);
    expect((await stat(join(world.directory, "tasks", task.id))).mode & 0o777).toBe(0o700);
  });

  test("a task that writes nothing makes no file", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const task = await session.start(() => 1);
    await task.result();
    expect(await task.output()).toEqual({ text: "", next: 0, end: true, truncated: false });
    await expect(stat(join(world.directory, "tasks"))).rejects.toThrow("ENOENT");
  });

  test("a file named as the output is what is read, also after the end and after a checkpoint", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const { writeFile } = await import("node:fs/promises");
    const task = await session.start(async ({ directory, outputFile, checkpoint, report }) => {
      const folder = await directory();
      await writeFile(join(folder, "log"), "from elsewhere");
      outputFile("log");
      await checkpoint.save(1);
      report({ completed: 1 });
      await checkpoint.save(2);
    });
    await task.result();
    expect((await task.output()).text).toBe("from elsewhere");
  });

  test("notify owes a message, report is stored a few times a second, and both are bounded", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const seen: number[] = [];
    const task = await session.start(async ({ report, notify, clock, signal }) => {
      await notify("x".repeat(100_000));
      for (let index = 0; index <= 100; index += 1) {
        report({ completed: index, total: 100, message: "m".repeat(10_000) });
        await new Promise<void>((resolve) => clock.timer(resolve, 10, false));
      }
      await untilAborted(signal);
    });
    await world.clock.advance(2_000);
    for (const { change } of world.history.steps) {
      if (change.type === "update") seen.push(change.facts.progress?.completed ?? -1);
    }
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(100);
    expect(seen.length).toBeLessThanOrEqual(7);
    const { progress } = await task.snapshot();
    expect(progress?.message?.length).toBeLessThan(1_000);
    const { notifications, text } = await session.notifications.receive();
    expect(notifications).toMatchObject([{ kind: "message", status: "running" }]);
    expect(text.length).toBeLessThanOrEqual(8_000);
  });

  test("the last report before the end is what the task is left with", async () => {
    await using world = await createWorld(kind);
    const task = await world
      .manager()
      .session("chat")
      .start(({ report }) => {
        for (const completed of [1, 50, 100]) report({ completed, total: 100 });
      });

    await task.result();

    expect((await task.snapshot()).progress).toEqual({ completed: 100, total: 100 });
  });

  test("a checkpoint is there for the next attempt, and is what was saved and not what it became", async () => {
    await using world = await createWorld(kind);
    const seen: unknown[] = [];
    const flaky = defineTask({
      name: "flaky",
      description: "Fails once.",
      input: { type: "object" },
      retry: { attempts: 2, delayMs: 10 },
      async run(_: unknown, { task, checkpoint }) {
        seen.push(checkpoint.read());
        const state = { at: [1] };
        await checkpoint.save(state);
        state.at.push(2);
        seen.push(checkpoint.read());
        await expect(checkpoint.save(1n)).rejects.toMatchObject({ code: "NOT_SERIALIZABLE" });
        if (task.attempt === 1) throw new Error("again");
      },
    });
    const task = await world
      .manager({ tasks: [flaky] })
      .session("chat")
      .start(flaky, {});
    const result = task.result();
    await world.clock.advance(1_000);
    await result;
    expect(seen).toEqual([undefined, { at: [1] }, { at: [1] }, { at: [1] }]);
  });

  test("settled tasks and their files are deleted after their time, and not before they were told", async () => {
    await using world = await createWorld(kind);
    const retention = { completedMs: 100_000, failedMs: 300_000 };
    const session = world.manager({ retention }).session("chat");
    const done = await session.start(async ({ write }) => write("x"));
    const failed = await session.start(() => Promise.reject(new Error("no")));
    const untold = await session.start(() => 1);
    await done.result();
    await expect(failed.result()).rejects.toThrow("no");
    await world.clock.advance(50_000);
    expect(await session.list()).toHaveLength(3);
    const left = (...ids: readonly string[]): Promise<void> =>
      world.until(async () => {
        await world.clock.advance(10_000);
        return (await session.list()).map(({ id }) => id).join() === ids.join();
      });
    await left(failed.id, untold.id);
    expect(world.clock.now() - (await failed.snapshot()).createdAt).toBeLessThan(300_000);
    await world.until(() =>
      stat(join(world.directory, "tasks", done.id)).then(
        () => false,
        () => true,
      ),
    );
    await expect(done.snapshot()).rejects.toMatchObject({ code: "UNKNOWN_TASK" });
    await left(untold.id);
    await world.clock.advance(1_000_000);
    await left(untold.id);
    await session.notifications.drain(() => {});
    await left();
  });

  test("what was returned is a copy of its own", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const value = { list: [1] };
    const input = { list: [1] };
    const echo = defineTask({
      name: "echo",
      description: "Gives back.",
      input: { type: "object" },
      run: async (given: typeof value) => {
        given.list.push(9);
        return value;
      },
    });
    const task = await session.start(echo, input, { delayMs: 10 });
    input.list.push(2);
    const result = task.result() as Promise<typeof value>;
    await world.clock.advance(10);
    const read = await result;
    value.list.push(3);
    expect(read).toEqual({ list: [1] });
    read.list.push(4);
    expect((await task.snapshot()).output).toEqual({ list: [1] });
    expect((await task.snapshot()).input).toEqual({ list: [1] });
    expect(input).toEqual({ list: [1, 2] });
  });
});
