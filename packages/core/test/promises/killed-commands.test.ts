import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BackgroundManager, command } from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { anyCommand } from "../command/any-command.ts";
import { seeded } from "../support/seeded.ts";

const child = fileURLToPath(new URL("command-child.ts", import.meta.url));
/** Compiled once, it starts in half the time. */
const cache = fileURLToPath(new URL("../../node_modules/.cache/compile", import.meta.url));

const promise =
  "6. An attempt starts at most once. After a crash a live command is taken up again and its true exit code reported";

describe.skipIf(process.platform !== "linux")(promise, () => {
  const label = `killed-${process.pid}`;
  const commands = anyCommand(label);
  let directory = "";

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "meanwhile-killed-"));
  });

  afterEach(async () => {
    const survivors = await commands.endSurvivors();
    await rm(directory, { recursive: true, force: true });
    expect(survivors).toEqual([]);
  });

  test("40 managers, each killed at a random moment while it starts, recovers and follows commands", {
    timeout: 600_000,
  }, async () => {
    const random = seeded(20_261_128);
    const expected = new Map<string, number>();
    const said: string[] = [];
    let upcoming = startChild();
    for (let kill = 0; kill < 40; kill += 1) {
      const manager = upcoming;
      const lines = linesOf(manager);
      await lines.first;
      // The next one opens the store while this one works, and takes over.
      upcoming = startChild();
      for (let index = 0; index < 3; index += 1) {
        const [name, code] = [`${kill}-${index}`, (kill * 3 + index) % 120];
        expected.set(name, code);
        manager.stdin?.write(`${name} ${code} ${(random() * 0.3).toFixed(3)}\n`);
      }
      // Half of them are killed before anything is durable, it may be.
      if (kill % 2 === 0) await lines.second;
      const until = performance.now() + random() * 60;
      while (performance.now() < until) await new Promise(setImmediate);
      manager.kill("SIGKILL");
      said.push(...(await lines.all).slice(1));
    }
    upcoming.kill("SIGKILL");
    await once(upcoming, "exit");

    const store = sqliteStore({ path: join(directory, "state.db") });
    await using last = new BackgroundManager({
      ...{ store, directory, tasks: [command], commands, leaseMs: 600 },
    });
    const session = last.session("chat");
    const tasks = await session.list({ limit: 1_000 });
    const names = tasks.map(({ title }) => title.split(" ")[0]);
    expect(said.length).toBeGreaterThanOrEqual(20);
    expect(names).toEqual(expect.arrayContaining(said));
    expect(new Set(names).size).toBe(names.length);
    for (const { id, title } of tasks) {
      const task = await session.get(id);
      const [name = "", code] = title.split(" ");
      expect(expected.get(name)).toBe(Number(code));
      const result = await task.result().catch((error: unknown) => error);
      expect({ title, result }).toMatchObject({
        result:
          code === "0"
            ? { exitCode: 0 }
            : { code: "EXIT_CODE", details: { exitCode: Number(code) } },
      });
      expect((await task.output()).text).toBe("begin\nend\n");
      expect(await readFile(join(directory, `ran-${name}`), "utf8")).toBe("once\n");
    }
    await last.close();
    await commands.allGone();
  });

  /** What it says: the first line, the second, and all that are whole once it has ended. */
  function linesOf(child: ChildProcess): Record<"first" | "second", Promise<unknown>> & {
    readonly all: Promise<readonly string[]>;
  } {
    const lines: string[] = [];
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    let rest = "";
    child.stdout?.on("data", (data) => {
      const parts = `${rest}${data}`.split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      if (lines.length > 0) first.resolve();
      if (lines.length > 1) second.resolve();
    });
    const all = once(child, "close").then(() => lines);
    return { first: first.promise, second: second.promise, all };
  }

  function startChild(): ChildProcess {
    return spawn(process.execPath, ["--no-warnings", child, directory, label], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
    });
  }
});
