import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BackgroundManager, memoryStore, type Store } from "../../src/index.ts";

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "meanwhile-own-store-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function printAndClose(options: { readonly store?: Store }): Promise<string[]> {
  const manager = new BackgroundManager({ directory, ...options });
  const task = await manager.session("chat").start(async ({ write }) => write("printed"));
  await task.result();
  expect((await task.output()).text).toBe("printed");
  await manager.close();
  return readdir(join(directory, "tasks"));
}

test("output that nobody can ask for any more is removed with the manager's own store", async () => {
  expect(await printAndClose({})).toEqual([]);
});

test("output stays for the next manager on a store that was given", async () => {
  expect(await printAndClose({ store: memoryStore() })).toHaveLength(1);
});
