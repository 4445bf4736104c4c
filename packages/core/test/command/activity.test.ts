import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { command } from "../../src/command/definition.ts";
import { BackgroundManager, type ManagerEventOf } from "../../src/index.ts";
import { anyCommand } from "./any-command.ts";

const commands = anyCommand(`activity-${process.pid}`);

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "meanwhile-activity-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  expect(await commands.endSurvivors()).toEqual([]);
});

it.each([
  ["waits for its stdin", ["cat"], "open", true],
  ["sleeps", ["sleep", "600"], "closed", false],
] as const)("a command that %s is said to stand still", async (_, argv, stdin, waitsForInput) => {
  await using manager = new BackgroundManager({
    ...{ tasks: [command], commands, directory },
    stall: { afterMs: 200, notify: true },
  });
  const stalled = Promise.withResolvers<ManagerEventOf<"task-stall">>();
  manager.on("task-stall", stalled.resolve);
  const session = manager.session("s");
  const task = await session.start(command, { argv, stdin });
  expect(await stalled.promise).toMatchObject({ taskId: task.id, waitsForInput });
  await session.notifications.wait({ timeoutMs: 60_000 });
  const delivery = await session.notifications.receive();
  expect(delivery.notifications).toMatchObject([{ kind: "message", taskId: task.id }]);
  expect(delivery.text).toMatch(waitsForInput ? /waits for input/i : /no output/i);
  await delivery.ack();
  await task.cancel("enough");
});

it("a command that only computes does not stand still", async () => {
  await using manager = new BackgroundManager({
    ...{ tasks: [command], commands, directory },
    stall: { afterMs: 1_000 },
  });
  let stalls = 0;
  manager.on("task-stall", () => {
    stalls += 1;
  });
  const script = "const end = Date.now() + 2500; while (Date.now() < end);";
  const task = await manager.session("s").start(command, {
    argv: [process.execPath, "-e", script],
  });
  await task.result();
  expect(stalls).toBe(0);
});
