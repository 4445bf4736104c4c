import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BackgroundManager } from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { createWorld, storeKinds } from "../support/world.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "meanwhile-owner-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const inUse = {
  name: "MeanwhileError",
  code: "OWNER_IN_USE",
  message: expect.stringMatching(/named "one" .*Give each manager its own owner name, or none/),
};

const path = (): string => join(directory, "state.db");
const open = (options = {}): BackgroundManager =>
  new BackgroundManager({
    store: sqliteStore({ path: path() }),
    directory,
    owner: "one",
    ...options,
  });

async function otherProcess() {
  const file = fileURLToPath(new URL("owner-process.ts", import.meta.url));
  const child = spawn(process.execPath, [file, directory, "one"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: task } = await lines.next();
  return { child, task: task as string };
}

test.each(storeKinds)(
  "%s: a second manager of the same name is refused, and works once the first has closed",
  async (kind) => {
    await using world = await createWorld(kind);
    const first = world.manager({ owner: "one" });
    const second = world.manager({ owner: "one" });
    await first.open();
    await expect(second.open()).rejects.toMatchObject(inUse);
    await expect(second.session("s").start(() => {})).rejects.toMatchObject(inUse);
    expect(await first.session("s").list()).toEqual([]);
    await first.close();
    expect(await (await second.session("s").start(() => "mine")).result()).toBe("mine");
  },
);

test("a name that a living process uses is refused, also if the process stands still", async () => {
  const { child, task } = await otherProcess();
  await using manager = open();
  await expect(manager.open()).rejects.toMatchObject(inUse);
  child.kill("SIGSTOP");
  await expect(manager.open()).rejects.toMatchObject(inUse);
  child.kill("SIGKILL");
  await once(child, "exit");
  // At once: the process is known to be dead, so its lease need not run out.
  await manager.open();
  const left = await manager.session("s").get(task);
  expect(await left.snapshot()).toMatchObject({
    status: "failed",
    error: { code: "INTERRUPTED" },
  });
});

test("a name whose lease ran out is taken over from a process that stands still, which then cannot write", async () => {
  await using world = await createWorld("sqliteStore");
  const { manager: paused, crash } = world.mortal({ owner: "one", leaseMs: 10_000 });
  const task = await paused.session("s").start(() => new Promise(() => {}));
  // As if it stood still: it renews nothing while the others' clock goes on.
  crash();
  await world.clock.advance(10_001);
  const next = world.manager({ owner: "one" });
  await next.open();
  expect(await (await next.session("s").get(task.id)).snapshot()).toMatchObject({
    status: "failed",
    error: { code: "INTERRUPTED" },
  });
});
