import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command } from "../../src/command/definition.ts";
import { anyCommand } from "./any-command.ts";
import { type FakeTask, takeUp } from "./fake-task.ts";
import { startManager } from "./start-manager.ts";

const label = `kill-${process.pid}`;
const commands = anyCommand(label);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-kill-"));
});

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
  expect(await commands.endSurvivors()).toEqual([]);
});

describe("200 kills of the manager at random moments", () => {
  const kills = 200;
  const each = 3;

  it("lose no exit code and run nothing twice", { timeout: 600_000 }, async () => {
    const random = numbers(20_260_801);
    let upcoming = startManager(label);
    for (let kill = 0; kill < kills; kill++) {
      const manager = upcoming;
      const directories: string[] = [];
      await once(manager.stdout as NodeJS.ReadableStream, "data");
      // The next one starts meanwhile.
      if (kill + 1 < kills) upcoming = startManager(label);
      for (let index = 0; index < each; index++) {
        const directory = await mkdtemp(join(scratch, "task-"));
        directories.push(directory);
        manager.stdin?.write(
          `${JSON.stringify({ directory, argv: script(kill, index, directory) })}\n`,
        );
      }
      const killed = once(manager, "exit");
      const until = performance.now() + random() * 40;
      while (performance.now() < until) await new Promise(setImmediate);
      manager.kill("SIGKILL");
      await killed;
      await Promise.all(
        directories.map(async (directory, index) => {
          const next = takeUp(directory, { commands });
          const result = await recover(next, script(kill, index, directory));
          expect(result).toMatchObject(expected(kill, index));
          expect(await readFile(join(directory, "ran"), "utf8")).toBe("once\n");
        }),
      );
    }
    await commands.allGone();
  });

  function script(kill: number, index: number, directory: string): readonly string[] {
    const code = (kill * each + index) % 120;
    const duration = ((kill * 7 + index * 13) % 50) / 1_000;
    const text = `echo once >>"$0/ran"; sleep ${duration}; exit ${code}`;
    return ["sh", "-c", text, directory];
  }

  function expected(kill: number, index: number): object {
    const exitCode = (kill * each + index) % 120;
    return exitCode === 0 ? { exitCode } : { code: "EXIT_CODE", details: { exitCode } };
  }
});

async function recover(task: FakeTask, argv: readonly string[]): Promise<unknown> {
  if (typeof command.recover !== "function") throw new Error("a command can be recovered");
  return Promise.resolve(command.recover({ argv }, task.context)).catch((error: unknown) => error);
}

/** The same numbers in [0, 1) every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
