import { afterAll, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/clock/system-clock.ts";
import { command } from "../../../src/command/definition.ts";
import { holdLauncher } from "../../../src/command/start/shared-launcher.ts";
import { anyCommand } from "../any-command.ts";
import { fakeTask } from "../fake-task.ts";
import { findLaunchers } from "./find-launchers.ts";

const commands = anyCommand(`shared-launcher-${process.pid}`);

afterAll(async () => {
  expect(await commands.endSurvivors()).toEqual([]);
});

it("starts many commands at once with some launchers, and ends them all", async () => {
  const held = holdLauncher(systemClock());
  await runAtOnce(20);
  expect(findLaunchers()).toHaveLength(9);
  await runAtOnce(20);
  expect(findLaunchers()).toHaveLength(9);
  await held[Symbol.asyncDispose]();
  expect(findLaunchers()).toEqual([]);
});

it("leaves a command to go on, and with it at most the launcher that waits for it", async () => {
  const held = holdLauncher(systemClock());
  await runAtOnce(20);
  await using task = await fakeTask({ commands });
  const argv = ["sh", "-c", 'echo on; read line; echo "$line"'];
  const running = command.run({ argv, stdin: "open" }, task.context);
  await vi.waitUntil(async () => (await task.output().catch(() => "")) === "on\n");
  const reason = task.abort("CLOSED");
  await expect(running).rejects.toBe(reason);
  await held[Symbol.asyncDispose]();
  expect(findLaunchers().length).toBeLessThanOrEqual(1);
  expect(await commands.survivors()).not.toEqual([]);
  const next = task.next();
  const end = command.recover;
  if (typeof end !== "function") throw new Error("A command can be taken up.");
  next.send("off\n");
  await end({ argv, stdin: "open" }, next.context);
  expect(await next.output()).toBe("on\noff\n");
  await vi.waitUntil(() => findLaunchers().length === 0);
});

/** Runs commands that look at their signals when all of them run, and all launchers are there. */
async function runAtOnce(count: number): Promise<void> {
  const argv = ["sh", "-c", "read line; grep SigIgn /proc/self/status"];
  const tasks = await Promise.all(Array.from({ length: count }, () => fakeTask({ commands })));
  const ends = tasks.map(({ context }) => command.run({ argv, stdin: "open" }, context));
  // One that waits for no command, and others that each wait for one, eight at most.
  await vi.waitUntil(() => findLaunchers().length === 9, 20_000);
  for (const task of tasks) task.send("on\n");
  await Promise.all(ends);
  for (const task of tasks) {
    expect(await task.output()).toMatch(/SigIgn:\t0+\n/);
    await task[Symbol.asyncDispose]();
  }
}
