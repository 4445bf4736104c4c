import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineTask } from "@meanwhile/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { background } from "../src/index.ts";

const square = defineTask({
  name: "square",
  description: "Squares a number.",
  input: z.object({ of: z.number() }),
  run: ({ of }) => of * of,
});

describe("background, the functions without any loop", () => {
  test("starts a function and gives its id; wait gives its output", async () => {
    await using tasks = background();
    const { start, wait } = tasks;

    const id = await start(async () => 42, { title: "answer" });

    expect(await wait(id)).toMatchObject({ id, title: "answer", status: "completed", output: 42 });
  });

  test("starts a definition with its input", async () => {
    await using tasks = background({ tasks: [square] });

    const id = await tasks.start(square, { of: 7 });

    expect(await tasks.wait(id)).toMatchObject({ name: "square", output: 49 });
  });

  test("check tells how a task stands while it runs", async () => {
    await using tasks = background();
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const id = await tasks.start((context) => {
      context.report({ completed: 1, total: 2 });
      begun.resolve();
      return end.promise;
    });
    await begun.promise;

    expect(await tasks.check(id)).toMatchObject({ status: "running" });
    end.resolve();
    await tasks.wait(id);
    expect(await tasks.check(id)).toMatchObject({ status: "completed" });
  });

  test("wait gives a failed task with its error, and does not throw", async () => {
    await using tasks = background();
    const id = await tasks.start(() => Promise.reject(new Error("no tide today")));

    expect(await tasks.wait(id)).toMatchObject({
      status: "failed",
      error: { code: "ERROR", message: "no tide today" },
    });
  });

  test("wait gives the running task when its time has passed", async () => {
    await using tasks = background();
    const id = await tasks.start(() => new Promise(() => {}));

    expect(await tasks.wait(id, { timeoutMs: 1 })).toMatchObject({ status: "running" });
  });

  test("wait ends with the reason of its signal, and leaves the task running", async () => {
    await using tasks = background();
    const begun = Promise.withResolvers<void>();
    const id = await tasks.start(() => {
      begun.resolve();
      return new Promise(() => {});
    });
    await begun.promise;
    const abort = new AbortController();

    const waiting = tasks.wait(id, { signal: abort.signal });
    abort.abort(new Error("enough"));

    await expect(waiting).rejects.toThrow("enough");
    await expect(tasks.wait(id, { signal: abort.signal })).rejects.toThrow("enough");
    expect(await tasks.check(id)).toMatchObject({ status: "running" });
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 40 * 86_400_000])(
    "wait refuses a timeout of %d",
    async (timeoutMs) => {
      await using tasks = background();
      const id = await tasks.start(() => 1);

      await expect(tasks.wait(id, { timeoutMs })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    },
  );

  test("cancel ends a task, and says whether it did", async () => {
    await using tasks = background();
    const id = await tasks.start(({ signal }) => {
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    });

    expect(await tasks.cancel(id, "not needed")).toBe(true);
    expect(await tasks.check(id)).toMatchObject({ status: "cancelled" });
    const done = await tasks.start(() => 1);
    await tasks.wait(done);
    expect(await tasks.cancel(done)).toBe(false);
  });

  test("an unknown task is refused by every function", async () => {
    await using tasks = background();

    for (const ask of [tasks.check, tasks.wait, tasks.cancel]) {
      await expect(ask("t_none")).rejects.toMatchObject({ code: "UNKNOWN_TASK" });
    }
  });

  test("drain gives what is owed once, as a text", async () => {
    await using tasks = background();
    await tasks.start(() => "high at noon", { title: "tides" });
    await tasks.session.notifications.wait();

    const text = await tasks.drain();

    expect(text).toContain("tides");
    expect(text).toContain("high at noon");
    expect(await tasks.drain()).toBe("");
  });

  test("drain with a callback that throws keeps what is owed", async () => {
    await using tasks = background();
    await tasks.start(() => "high at noon");
    await tasks.session.notifications.wait();
    const seen: string[] = [];

    const lost = tasks.drain(() => Promise.reject(new Error("provider down")));
    await expect(lost).rejects.toThrow("provider down");
    const count = await tasks.drain(({ notifications, text }) => {
      seen.push(text);
      return notifications.length;
    });

    expect(count).toBe(1);
    expect(seen[0]).toContain("high at noon");
    expect(await tasks.drain(() => "never called")).toBeUndefined();
  });

  test("a result that was waited for is not told again", async () => {
    await using tasks = background();
    await tasks.wait(await tasks.start(() => 1));

    expect(await tasks.drain()).toBe("");
  });

  test("close ends what runs, and refuses what comes after", async () => {
    const tasks = background();
    const aborted = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    await tasks.start(({ signal }) => {
      signal.addEventListener("abort", () => aborted.resolve());
      begun.resolve();
      return aborted.promise;
    });
    await begun.promise;

    await tasks.close();

    await aborted.promise;
    await expect(tasks.start(() => 1)).rejects.toMatchObject({ code: "CLOSED" });
  });

  test("takes the manager's options: a folder for what tasks print", async () => {
    const directory = await mkdtemp(join(tmpdir(), "meanwhile-functions-"));
    try {
      await using tasks = background({ directory, session: "chat-7" });
      const id = await tasks.start((context) => context.write("wet"));
      const task = await tasks.session.get(id);
      await tasks.wait(id);

      expect(tasks.session.id).toBe("chat-7");
      expect(await task.output()).toMatchObject({ text: "wet", end: true });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
