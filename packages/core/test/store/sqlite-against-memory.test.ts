import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sqliteStore } from "../../src/sqlite.ts";
import { memoryStore } from "../../src/store/memory.ts";
import type { Store } from "../../src/store/store.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { randomChanges, seededRandom, type World } from "./random-changes.ts";

const batches = 300;

test.for(Array.from({ length: 8 }, (_, index) => index + 1))(
  "both stores answer alike to random changes (seed %i)",
  async (seed) => {
    const folder = mkdtempSync(join(tmpdir(), "meanwhile-store-"));
    const sqlite = sqliteStore({ path: join(folder, "state.db"), synchronous: "normal" });
    const memory = memoryStore();
    const clock = virtualClock();
    const accepted = new Set<string>();
    try {
      await sqlite.open({ clock });
      await memory.open({ clock });
      const next = randomChanges(seededRandom(seed));
      for (let batch = 0; batch < batches; batch++) {
        const changes = next(await worldOf(memory));
        const expected = await memory.commit(changes);
        const actual = await sqlite.commit(changes);
        const where = `seed ${seed}, batch ${batch}: ${JSON.stringify(changes)}`;
        assert.deepEqual(actual, expected, where);
        if (batch % 10 === 0) assert.deepEqual(await readAll(sqlite), await readAll(memory), where);
        expected.forEach((outcome, index) => {
          if (outcome === true) accepted.add(changes[index]?.type as string);
        });
      }
      assert.deepEqual(await readAll(sqlite), await readAll(memory));
    } finally {
      await sqlite.close();
      rmSync(folder, { recursive: true });
    }
    // Else the changes would be too wild for the comparison to mean anything.
    expect([...accepted].sort()).toEqual(
      expect.arrayContaining([
        "ack",
        "adopt",
        "begin-turn",
        "depose",
        "message",
        "notify",
        "requeue",
        "settle",
        "update",
      ]),
    );
  },
);

async function worldOf(store: Store): Promise<World> {
  const owed = await Promise.all(
    ["s", "t", "u"].map(async (session) =>
      (await store.notifications({ session, limit: 100, now: 0, leased: true })).map(
        ({ notification }) => [session, notification.id] as const,
      ),
    ),
  );
  return {
    tasks: await store.tasks({ limit: 1_000 }),
    fences: (await store.owners()).map((owner) => owner.fence),
    owed: owed.flat(),
  };
}

async function readAll(store: Store): Promise<unknown> {
  const tasks = await store.tasks({ limit: 10_000 });
  const now = 1_300;
  const bySession = await Promise.all(
    ["s", "t", "u"].map(async (session) => [
      await store.notifications({ session, limit: 100, now }),
      await store.notifications({ session, limit: 3, now, leased: true }),
      await store.tasks({ session, status: ["queued", "failed"], limit: 5 }),
      await store.tasks({ session, status: ["running"], limit: 100 }),
      await store.sessions(now, session),
    ]),
  );
  const summaries = [...(await store.sessions(now))];
  const owners = [...(await store.owners())];
  return {
    tasks,
    bySession,
    summaries: summaries.sort((one, other) => one.session.localeCompare(other.session)),
    owners: owners.sort((one, other) => one.fence.localeCompare(other.fence)),
    owned: await store.tasks({ fence: "one#1", limit: 100 }),
    messages: await Promise.all(tasks.map((task) => store.messages(task.id, 0))),
  };
}
