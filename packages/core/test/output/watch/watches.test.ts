import { describe, expect, test } from "vitest";
import { defineTask, type Session, type TaskContext } from "../../../src/index.ts";
import type { Tool, ToolAnswer } from "../../../src/tools/tool.ts";
import { createWorld, gate, storeKinds, untilAborted, type World } from "../../support/world.ts";

function watch(session: Session, id: string, pattern: string): Promise<ToolAnswer> {
  const tool = session.tools().find(({ name }) => name === "watch_task") as Tool;
  return tool.call({ task_id: id, pattern });
}

/** Lets the watch look at its file, which takes real time, until so many notifications are owed. */
async function untilOwed(world: World, session: Session, count: number): Promise<void> {
  await world.until(async () => {
    await world.clock.advance(100);
    return session.notifications.pending() >= count;
  });
}

const kindsOf = async (session: Session) =>
  (await session.notifications.receive()).notifications.map(({ kind }) => kind);

const wait = ({ signal }: TaskContext) => untilAborted(signal);

describe.each(storeKinds)("watching output (%s)", (kind) => {
  test("tells what was printed before and what comes, for each of several patterns", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const task = await session.start(async (context) => {
      await context.write("one\ntwo\n");
      return wait(context);
    });
    await world.until(async () => (await task.output()).text.includes("two"));
    expect(await watch(session, task.id, "^one")).toMatchObject({ isError: false });
    expect(await watch(session, task.id, "o$")).toMatchObject({ isError: false });
    await untilOwed(world, session, 2);
    const { text, notifications } = await session.notifications.receive();
    expect(notifications.map((one) => [one.kind, one.status])).toEqual([
      ["match", "running"],
      ["match", "running"],
    ]);
    expect(text).toContain("\none\n");
    expect(text).toContain("\ntwo\n");
  });

  test("what is printed last is told, then the end", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const go = gate();
    const task = await session.start(async ({ write }) => {
      await go.opened;
      void write("begin\n");
      void write("listening on 8080");
    });
    await world.until(async () => (await task.snapshot()).status === "running");
    await watch(session, task.id, "listening");
    go.open();
    await world.until(() => session.notifications.pending() === 2);
    const { notifications, text } = await session.notifications.receive();
    expect(notifications.map((one) => one.kind)).toEqual(["match", "completed"]);
    expect(text).toContain("listening on 8080");
  });

  test("also when it is cancelled or fails", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    for (const end of ["cancelled", "failed"] as const) {
      const go = gate();
      const task = await session.start(async (context) => {
        await context.write("last words");
        await go.opened;
        if (end === "failed") throw new Error("no");
        return wait(context);
      });
      await world.until(async () => (await task.snapshot()).status === "running");
      await watch(session, task.id, "words");
      go.open();
      if (end === "cancelled") await task.cancel();
      await world.until(() => session.notifications.pending() === 2);
      expect(await kindsOf(session)).toEqual(["match", end]);
    }
  });

  test("goes on with the next attempt, and tells nothing twice", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const definition = defineTask({
      name: "stubborn",
      description: "",
      input: { type: "object" },
      retry: { attempts: 2, delayMs: 1_000, jitter: false },
      async run(_input: object, context) {
        if (context.task.attempt === 2) return wait(context);
        await world.until(() => watched);
        await context.write("error 1\n");
        throw new Error("again");
      },
    });
    let watched = false;
    const task = await session.start(definition, {});
    await world.until(async () => (await task.snapshot()).status === "running");
    await watch(session, task.id, "error");
    watched = true;
    await world.until(() => session.notifications.pending() === 1);
    await world.clock.advance(1_000);
    await world.until(async () => (await task.snapshot()).attempt === 2);
    await world.clock.advance(60_000);
    expect(await kindsOf(session)).toEqual(["match"]);
    await task.cancel();
  });

  test("a pattern that is watched for is not watched for twice; eight are the most", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const task = await session.start(wait);
    for (let index = 0; index < 8; index += 1) {
      expect(await watch(session, task.id, `x${index}`)).toMatchObject({ isError: false });
      expect(await watch(session, task.id, "x0")).toMatchObject({ isError: false });
    }
    expect(await watch(session, task.id, "x8")).toMatchObject({
      isError: true,
      text: expect.stringContaining("WATCH_LIMIT"),
    });
  });

  test("is refused for a task that waits, has ended or is another session's", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager({ limits: { concurrency: 1 } });
    const session = manager.session("chat");
    const ended = await session.start(() => 1);
    await ended.result();
    const running = await session.start(wait);
    const queued = await session.start(wait);
    const refused = async (answer: Promise<ToolAnswer>) => {
      expect(await answer).toMatchObject({ isError: true });
      return (await answer).text;
    };
    expect(await refused(watch(session, ended.id, "x"))).toMatch(/TASK_SETTLED.*read_task/);
    expect(await refused(watch(session, queued.id, "x"))).toMatch(/has not started yet/);
    expect(await refused(watch(manager.session("b"), running.id, "x"))).toMatch(/UNKNOWN_TASK/);
    expect(await refused(watch(session, running.id, "(a"))).toMatch(/INVALID_INPUT/);
    expect(await refused(watch(session, running.id, "(a{100}){100}"))).toMatch(/too large/);
  });

  test("leaves no timer, whether its task ends or its manager", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const task = await session.start(wait);
    const other = await session.start(wait);
    for (const { id } of [task, other]) await watch(session, id, "x");
    await world.clock.advance(1_000);
    await task.cancel();
    await manager.close();
    expect(world.clock.pendingTimers).toBe(0);
    await world.clock.advance(10_000);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

test("the next manager goes on with it, from where it was", async () => {
  await using world = await createWorld("sqliteStore");
  const definition = defineTask({
    name: "server",
    description: "",
    input: { type: "object" },
    run: (_input: object, context) => serve(context, "error 1\n"),
    recover: (_input: object, context) => serve(context, "error 2\n"),
  });
  async function serve(context: TaskContext, line: string): Promise<never> {
    await context.write(line);
    return wait(context);
  }
  const first = world.manager({ tasks: [definition] });
  const before = first.session("chat");
  const task = await before.start(definition, {});
  await world.until(async () => (await task.output()).text !== "");
  await watch(before, task.id, "error");
  await untilOwed(world, before, 1);
  await first.close({ running: "leave" });
  const second = world.manager({ tasks: [definition] });
  const session = second.session("chat");
  await second.open();
  await untilOwed(world, session, 2);
  await world.clock.advance(30_000);
  const { text, notifications } = await session.notifications.receive();
  expect(notifications.map(({ kind }) => kind)).toEqual(["match", "match"]);
  expect(text.match(/error \d/g)).toEqual(["error 1", "error 2"]);
});
