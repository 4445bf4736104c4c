import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BackgroundManager, Session } from "../../src/index.ts";
import { createWorld, storeKinds, type World } from "../support/world.ts";

describe.each(storeKinds)("with %s", (kind) => {
  let world: World;
  let manager: BackgroundManager;
  let session: Session;
  let foreign: { readonly running: string; readonly ended: string };

  beforeEach(async () => {
    world = await createWorld(kind);
    manager = world.manager();
    session = manager.session("s");
    const other = manager.session("other");
    const ended = await other.start(async (context) => {
      await context.write("secret");
      return "secret";
    });
    await ended.result();
    const running = await other.start(() => new Promise(() => {}), { title: "secret" });
    foreign = { running: running.id, ended: ended.id };
  });
  afterEach(() => world[Symbol.asyncDispose]());

  /** The answer about a task, with its id taken out. */
  async function answer(id: unknown, call: () => Promise<unknown>): Promise<string> {
    const told = await call().then(
      (value) => JSON.stringify(value),
      (error: { name: string; code: string; message: string }) =>
        `${error.name} ${error.code} ${error.message}`,
    );
    return told.replaceAll(String(id), "ID");
  }

  test("a task of another session and one that never was get the same answer everywhere", async () => {
    const calls: readonly (readonly [string, (id: string) => Promise<unknown>])[] = [
      ["get", (id) => session.get(id)],
      ["cancel", (id) => session.cancel(id)],
      ["after", (id) => session.start(() => {}, { after: [id] })],
      ["list after", (id) => session.list({ after: id })],
      ...["read_task", "wait_for_task", "cancel_task", "send_to_task", "watch_task"].map(
        (name) =>
          [
            name,
            async (id: string) => {
              const tool = session.tools().find((one) => one.name === name);
              const more =
                name === "send_to_task"
                  ? { text: "hello" }
                  : name === "watch_task"
                    ? { pattern: "secret" }
                    : {};
              return tool?.call({ task_id: id, ...more });
            },
          ] as const,
      ),
    ];
    for (const [what, call] of calls) {
      const answers = new Set<string>();
      for (const id of [foreign.running, foreign.ended, "t_222222222222"]) {
        answers.add(await answer(id, () => call(id)));
      }
      expect([...answers], what).toHaveLength(1);
      const [only] = answers;
      expect(only, what).toMatch(/UNKNOWN_TASK/);
      expect(only, what).not.toMatch(/secret/);
    }
    expect(await session.list()).toEqual([]);
    expect((await (await manager.session("other").get(foreign.running)).snapshot()).status).toBe(
      "running",
    );
  });

  test("what is no id at all is an unknown task too", async () => {
    const odd = [
      "",
      "__proto__",
      "constructor",
      "../../etc/passwd",
      "t_\0",
      "\ud800",
      "x".repeat(1_000_000),
      undefined,
      null,
      5,
      5n,
      {},
      Object.create(null),
      Symbol("t"),
    ] as never[];
    for (const id of odd) {
      for (const call of [() => session.get(id), () => session.cancel(id)]) {
        const refused = await call().then(
          () => expect.unreachable(),
          (error: unknown) => error,
        );
        expect(refused).toMatchObject({ name: "MeanwhileError", code: "UNKNOWN_TASK" });
        expect((refused as Error).message.length).toBeLessThan(300);
      }
    }
    for (const id of odd) {
      const tool = session.tools().find((one) => one.name === "read_task");
      expect(await tool?.call({ task_id: id })).toMatchObject({ isError: true });
    }
  });

  test("a list shows tasks after one of its own, oldest first", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await session.start(() => {})).id);
    const page = await session.list({ after: ids[0] as string, limit: 5 });
    expect(page.map(({ id }) => id)).toEqual(ids.slice(1));
  });

  test("odd ways to list are refused", async () => {
    for (const status of ["running", ["sleeping"], [5], null, {}] as never[]) {
      await expect(session.list({ status })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringMatching(/status must be a list of .*queued.*cancelled/),
      });
    }
    expect(await session.list({ status: [] })).toEqual([]);
  });

  test("odd reasons, messages and tool inputs are refused or answered", async () => {
    const task = await session.start(() => new Promise(() => {}));
    for (const text of [undefined, null, 5, {}, new Uint8Array(1)] as never[]) {
      await expect(task.send(text)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    }
    for (const reason of [null, 5, {}, Symbol("r")] as never[]) {
      await expect(task.cancel(reason)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    }
    expect((await task.snapshot()).status).toBe("running");
    const tools = session.tools();
    for (const input of [undefined, null, "text", 5, [], { task_id: 5 }, { unknown: true }]) {
      for (const tool of tools) {
        if (tool.name === "list_tasks" && (input ?? undefined) === undefined) continue;
        expect(await tool.call(input), tool.name).toMatchObject({
          isError: true,
          text: expect.stringMatching(/^Error \(INVALID_INPUT\)/),
        });
        expect(await tool.execute(input), tool.name).toMatch(/^Error/);
      }
    }
    expect(await task.cancel("x".repeat(1_000_000))).toBe(true);
    expect((await task.snapshot()).error?.message.length).toBeLessThanOrEqual(4_001);
    const queued = await session.start(() => {}, { delayMs: 1_000 });
    expect(await queued.cancel("y".repeat(1_000_000))).toBe(true);
    expect((await queued.snapshot()).error?.message.length).toBeLessThanOrEqual(4_001);
  });

  test("a tool answers whatever its signal aborts with", async () => {
    const [tool] = session.tools();
    for (const reason of [undefined, null, "text", new Error("no"), Object.create(null), {}]) {
      const answered = await tool?.call({}, { signal: AbortSignal.abort(reason) });
      expect(answered).toMatchObject({ isError: true, text: expect.stringMatching(/^Error/) });
    }
  });
});
