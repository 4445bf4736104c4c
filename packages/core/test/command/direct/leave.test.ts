import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { authorizeCommand } from "../../../src/command/approval/authorize.ts";
import { command } from "../../../src/command/definition.ts";
import { runDirectly } from "../../../src/command/direct/run-directly.ts";
import { BackgroundManager } from "../../../src/index.ts";
import { sqliteStore } from "../../../src/sqlite.ts";
import { anyCommand } from "../any-command.ts";

const commands = anyCommand(`leave-directly-${process.pid}`);
/** As it is on a system without a shell. */
const direct: typeof command = {
  ...command,
  open: () => undefined,
  run: async (input, context) =>
    runDirectly(input, await authorizeCommand(input, context), context),
};
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-leave-"));
});

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
  expect(await commands.endSurvivors()).toEqual([]);
});

describe("a manager that closes while a command runs directly", () => {
  it.each([
    ["cancel", "cancelled", "CANCELLED", "was closed while the task ran"],
    ["leave", "failed", "INTERRUPTED", "was ended when its manager closed"],
  ] as const)("ends it with running: %s", async (running, status, code, words) => {
    const directory = join(scratch, running);
    const open = (): BackgroundManager =>
      new BackgroundManager({
        store: sqliteStore({ path: join(scratch, `${running}.db`) }),
        tasks: [direct],
        commands,
        directory,
      });
    const manager = open();
    const session = manager.session("chat");
    const { id } = await session.start(direct, { argv: ["sh", "-c", "echo ready; sleep 600"] });
    const task = await session.get(id);
    await vi.waitUntil(async () => (await task.output()).text === "ready\n", 10_000);
    expect((await task.snapshot()).containment).toBe("process-group-sweep");
    await manager.close({ running });
    expect(await commands.survivors()).toEqual([]);

    const next = open();
    const owed = next.session("chat").notifications;
    await owed.wait();
    const [told] = (await owed.receive()).notifications;
    expect(told).toMatchObject({
      taskId: id,
      status,
      error: { code, message: expect.stringContaining(words) },
    });
    expect((await (await next.session("chat").get(id)).output()).text).toBe("ready\n");
    await next.close();
  });
});
