import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { taskRecord } from "../../src/testing/store-suite/scenario.ts";
import { startProcess } from "./start-process.ts";
import { openStore, temporaryFolder } from "./temporary-folder.ts";

const kills = 24;

test("a killed writer loses no commit that it was told of, and leaves none in part", async () => {
  const path = join(temporaryFolder(), "state.db");
  const confirmed = new Set<unknown>();
  for (let kill = 0; kill < kills; kill++) {
    const writer = startProcess("write", path);
    // Another moment each time: from before the first commit to well after it.
    for (let line = 0; line < kill; line++) confirmed.add(await writer.next());
    writer.process.kill("SIGKILL");
    for (const id of await writer.rest()) confirmed.add(id);
  }
  const store = await openStore(path);
  const tasks = await store.tasks({ limit: 1_000_000 });
  const owed = await store.notifications({ session: "s", limit: 1_000_000, now: 0 });
  expect(confirmed.size).toBeGreaterThanOrEqual((kills * (kills - 1)) / 2);
  const stored = new Set<unknown>(tasks.map((task) => task.id));
  assert.deepEqual(
    [...confirmed].filter((id) => !stored.has(id)),
    [],
  );
  // At most the last commit of each is there without word of it.
  expect(stored.size - confirmed.size).toBeLessThanOrEqual(kills);
  assert.ok(tasks.every((task) => task.status === "completed"));
  assert.deepEqual(
    owed.map(({ notification }) => notification.taskId),
    tasks.map((task) => task.id),
  );
  for (const task of tasks.slice(-20)) assert.equal((await store.messages(task.id, 0)).length, 1);
  // What the killed ones left behind goes when the next one opens the store.
  assert.equal(readdirSync(`${path}.peers`).length, 1);
});

test("two processes that claim 4,000 tasks one by one never get the same", async () => {
  const path = join(temporaryFolder(), "state.db");
  const store = await openStore(path);
  const ids = Array.from({ length: 4_000 }, (_, index) => `t${index}`);
  await store.commit(ids.map((id) => ({ type: "insert", task: taskRecord(id) })));
  const claimers = [startProcess("claim", path), startProcess("claim", path)];
  for (const claimer of claimers) assert.equal(await claimer.next(), "ready");
  for (const claimer of claimers) claimer.process.stdin?.write("go\n");
  const claimed = await Promise.all(claimers.map((claimer) => claimer.rest()));
  for (const some of claimed) expect(some.length).toBeGreaterThan(0);
  assert.deepEqual(claimed.flat().sort(), ids.sort());
});

test("several processes that create one store at the same time all get to use it", async () => {
  const path = join(temporaryFolder(), "state.db");
  const starters = Array.from({ length: 5 }, () => startProcess("register", path));
  const fences = await Promise.all(starters.map((starter) => starter.next()));
  assert.deepEqual(
    fences,
    starters.map((starter) => `owner-${starter.process.pid}#1`),
  );
  const store = await openStore(path);
  assert.equal((await store.owners()).length, 5);
});

test("another process hears which session a commit touched", async () => {
  const path = join(temporaryFolder(), "state.db");
  const store = await openStore(path);
  const listener = startProcess("listen", path);
  assert.equal(await listener.next(), "ready");
  // What a newcomer hears first: that there may be something it missed.
  assert.equal(await listener.next(), "all");
  await store.commit([{ type: "insert", task: taskRecord("a", { session: "chat-1" }) }]);
  assert.deepEqual(await listener.next(), ["chat-1"]);
  await store.commit([
    { type: "insert", task: taskRecord("b", { session: "chat-2" }) },
    { type: "insert", task: taskRecord("c", { session: "chat-3" }) },
    { type: "insert", task: taskRecord("d", { session: "refused", options: { after: ["x"] } }) },
  ]);
  assert.deepEqual(await listener.next(), ["chat-2", "chat-3"]);
  listener.process.stdin?.end();
  assert.deepEqual(await listener.rest(), []);
});

test("an open store with a subscriber does not keep its process running", async () => {
  const path = join(temporaryFolder(), "state.db");
  await openStore(path);
  const idle = startProcess("idle", path);
  assert.equal(await idle.next(), "ready");
  const [code] = await once(idle.process, "exit");
  assert.equal(code, 0);
});
