import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BackgroundManager, defineTask } from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";

const script = new URL("manager-child.ts", import.meta.url).pathname;

interface Child {
  readonly process: ChildProcess;
  readonly said: Record<string, unknown>[];
  /** Resolves when it has said so many things, or the predicate holds of one. */
  until(condition: (said: Record<string, unknown>[]) => boolean): Promise<void>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

describe("managers in real processes on one SQLite file", () => {
  let directory = "";
  const children: Child[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "meanwhile-processes-"));
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.process.kill("SIGKILL");
      await child.ended;
    }
    await rm(directory, { recursive: true, force: true });
  });

  function start(mode: string): Child {
    const child = spawn(process.execPath, ["--no-warnings", script, mode, directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said: Record<string, unknown>[] = [];
    let look = (): void => {};
    createInterface({ input: child.stdout }).on("line", (line) => {
      // The last line of a killed process may be cut.
      if (line.endsWith("}")) said.push(JSON.parse(line));
      look();
    });
    const ended = once(child, "close").then(
      ([code, signal]) => (code ?? signal) as number | string,
    );
    const made: Child = {
      process: child,
      said,
      until: (condition) =>
        new Promise((resolve, reject) => {
          look = () => {
            if (condition(said)) resolve();
          };
          void ended.then(() => reject(new Error(`It ended: ${JSON.stringify(said)}`)));
          look();
        }),
      ended,
    };
    children.push(made);
    return made;
  }

  function manager(runs: string[] = []): BackgroundManager {
    const tasks = (["fail", "restart"] as const).map((recover) =>
      defineTask({
        name: `work_${recover}`,
        description: "Works a little.",
        input: { type: "object" },
        recover,
        run(_: unknown, { task }) {
          runs.push(`${task.id} ${task.attempt}`);
          return task.id;
        },
      }),
    );
    const store = sqliteStore({ path: join(directory, "state.db") });
    return new BackgroundManager({ store, directory, tasks, leaseMs: 600 });
  }

  test("1, 2, 3, 6: after SIGKILL every task that was started is known, ends once and is told, and no attempt ran twice", async () => {
    for (const lines of [5, 23, 61, 120]) {
      const child = start("work");
      await child.until((said) => said.length >= lines);
      child.process.kill("SIGKILL");
      await child.ended;
    }
    const runs: string[] = [];
    const started: string[] = [];
    const acknowledged = new Set<string>();
    for (const { said } of children) {
      for (const fact of said) {
        if (fact["started"] !== undefined) started.push(String(fact["started"]));
        if (fact["run"] !== undefined) runs.push(`${fact["run"]} ${fact["attempt"]}`);
      }
      // Asking for the next delivery acknowledged the one before.
      const received = said.filter((fact) => fact["received"] !== undefined);
      for (const { received: ids } of received.slice(0, -1)) {
        for (const id of ids as string[]) acknowledged.add(id);
      }
    }
    await using next = manager(runs);
    const session = next.session("chat");
    for (const id of started) {
      const task = await session.get(id);
      const { status, error } = await task.snapshot();
      if (status === "running" || status === "queued") {
        expect(await task.result()).toBe(id);
      } else if (status === "failed") expect(error?.code).toBe("INTERRUPTED");
      else expect(status).toBe("completed");
    }
    expect(new Set(runs).size).toBe(runs.length);
    const told: string[] = [];
    while (session.notifications.pending() > 0) {
      await session.notifications.drain(({ notifications }) => {
        told.push(...notifications.map(({ id }) => id));
      });
    }
    expect(told.filter((id) => acknowledged.has(id))).toEqual([]);
    expect(started.length).toBeGreaterThan(50);
  });

  test("7: a process that was stopped for longer than its lease comes back and cannot write", async () => {
    const child = start("pause");
    await child.until((said) => said.some((fact) => fact["holding"] === true));
    child.process.kill("SIGSTOP");
    await using next = manager();
    const session = next.session("chat");
    const interrupted = async (): Promise<boolean> => {
      const failed = await session.list({ status: ["failed"] });
      return failed.some(({ error }) => error?.code === "INTERRUPTED");
    };
    while (!(await interrupted())) {
      await session.notifications.wait({ timeoutMs: 100 });
      await session.notifications.drain(() => {});
    }
    child.process.kill("SIGCONT");
    child.process.kill("SIGUSR2");
    expect(await child.ended).toBe(0);
    expect(child.said).toContainEqual({
      writes: ["rejected", "rejected", "rejected"],
      aborted: expect.any(Boolean),
    });
    expect(child.said).toContainEqual({ code: "INTERRUPTED" });
  });

  test("a process ends by itself when its tasks have ended, though nothing was closed", async () => {
    const child = start("end");
    expect(await child.ended).toBe(0);
    expect(child.said).toContainEqual({ done: true });
    expect(child.said.filter((fact) => fact["woken"] === true).length).toBeGreaterThan(0);
  });

  test("a process ends by itself when its manager was closed, whatever was going on", async () => {
    const child = start("close");
    expect(await child.ended).toBe(0);
    expect(child.said).toContainEqual({ done: true });
  });
});
