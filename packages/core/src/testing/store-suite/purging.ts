import assert from "node:assert/strict";
import { type Fixture, notificationRecord, type Scenario, start } from "./scenario.ts";

const keepAll = { completedBefore: 0, failedBefore: 0, keep: 1_000, limit: 100 };

/** `purge`. */
export const purgeScenarios: readonly Scenario[] = [
  {
    name: "terminal tasks that settled before the given times are deleted, failed ones by their own",
    async run(fixture) {
      const { store, apply } = fixture;
      await settled(fixture, "old", start + 1);
      await settled(fixture, "old failure", start + 2, "failed");
      await settled(fixture, "old cancelled", start + 3, "cancelled");
      await settled(fixture, "new", start + 10);
      await settled(fixture, "new failure", start + 11, "failed");
      const purge = (completedBefore: number, failedBefore: number) =>
        apply({ type: "purge", ...keepAll, completedBefore, failedBefore });
      assert.deepEqual(await purge(start + 1, start + 2), []);
      assert.deepEqual(await purge(start + 10, start), ["old", "old cancelled"]);
      assert.deepEqual(await purge(start, start + 11), ["old failure"]);
      assert.deepEqual(
        (await store.tasks({ limit: 9 })).map((task) => task.id),
        ["new", "new failure"],
      );
      assert.equal(await store.task("old"), undefined);
    },
  },
  {
    name: "the oldest beyond the number to keep are deleted, by when they settled",
    async run(fixture) {
      const { apply } = fixture;
      await settled(fixture, "third", start + 3, "failed");
      await settled(fixture, "first", start + 1);
      await settled(fixture, "second", start + 2, "cancelled");
      await settled(fixture, "fourth", start + 4);
      const purge = (keep: number) => apply({ type: "purge", ...keepAll, keep });
      assert.deepEqual(await purge(4), []);
      assert.deepEqual(await purge(2), ["first", "second"]);
      assert.deepEqual(await purge(2), []);
      assert.deepEqual(await purge(0), ["third", "fourth"]);
    },
  },
  {
    name: "one change deletes no more than its limit, the oldest first",
    async run(fixture) {
      for (let index = 0; index < 5; index++) await settled(fixture, `t${index}`, start + index);
      const purge = () =>
        fixture.apply({ type: "purge", ...keepAll, completedBefore: start + 100, limit: 2 });
      assert.deepEqual(await purge(), ["t0", "t1"]);
      assert.deepEqual(await purge(), ["t2", "t3"]);
      assert.deepEqual(await purge(), ["t4"]);
      assert.deepEqual(await purge(), []);
    },
  },
  {
    name: "a task that still owes a notification, leased or not, is not deleted",
    async run({ apply, run, settle, lease, fence, pending }) {
      for (const id of ["a", "b"]) await run(id);
      await apply({
        type: "notify",
        fence,
        attempt: 1,
        notification: notificationRecord("progress", "a", { kind: "progress" }),
      });
      await settle("a");
      await settle("b");
      await lease(["n-b"], "t");
      const purge = () =>
        apply({ type: "purge", ...keepAll, completedBefore: start + 1e9, keep: 0 });
      assert.deepEqual(await purge(), []);
      await apply({ type: "consume", session: "s", taskId: "a" });
      assert.deepEqual(await purge(), []);
      await apply({ type: "ack", session: "s", ids: ["n-b"], token: "t", fence });
      assert.deepEqual(await purge(), ["b"]);
      await lease(["progress"], "t");
      await apply({ type: "ack", session: "s", ids: ["progress"], token: "t", fence });
      assert.deepEqual(await purge(), ["a"]);
      assert.deepEqual(await pending(), []);
    },
  },
  {
    name: "open tasks are not deleted",
    async run({ apply, run, queue }) {
      await run("a");
      await queue("b");
      assert.deepEqual(
        await apply({
          type: "purge",
          completedBefore: start + 1e9,
          failedBefore: start + 1e9,
          keep: 0,
          limit: 9,
        }),
        [],
      );
    },
  },
  {
    name: "a task that an open one names in `after` stays, and does not count among those to keep",
    async run(fixture) {
      const { apply, queue, run, settle } = fixture;
      await settled(fixture, "needed", start + 1);
      await settled(fixture, "other", start + 2);
      await queue("waiting", { options: { after: ["needed", "needed"] } });
      await run("later");
      await queue("last", { options: { after: ["later", "needed"] } });
      const purge = (keep: number, completedBefore = 0) =>
        apply({ type: "purge", ...keepAll, keep, completedBefore });
      assert.deepEqual(await purge(1), []);
      assert.deepEqual(await purge(0, start + 100), ["other"]);
      await apply({
        type: "cancel",
        id: "waiting",
        session: "s",
        reason: "",
        at: start + 3,
        notification: notificationRecord("n", "waiting"),
      });
      await apply({ type: "consume", session: "s", taskId: "waiting" });
      assert.deepEqual(await purge(0, start + 100), ["waiting"]);
      await settle("later", { status: "failed", notification: null });
      await fixture.claim();
      await settle("last", { status: "failed", notification: null });
      assert.deepEqual(await purge(100, start + 100), ["needed"]);
    },
  },
  {
    name: "a task that was needed for a while is deleted once",
    async run(fixture) {
      const { apply, queue } = fixture;
      await settled(fixture, "a", start + 1);
      for (const id of ["b", "c"]) {
        await queue(id, { options: { after: ["a"], notify: "never" } });
        await apply({
          type: "cancel",
          id,
          session: "s",
          reason: "",
          at: start + 2,
          notification: notificationRecord("n", id),
        });
      }
      await queue("open");
      assert.deepEqual(await apply({ type: "purge", ...keepAll, keep: 1 }), ["a", "b"]);
      assert.deepEqual(await apply({ type: "purge", ...keepAll, keep: 0 }), ["c"]);
      assert.deepEqual(await apply({ type: "purge", ...keepAll, keep: 0 }), []);
    },
  },
  {
    name: "what is deleted is gone with its messages, and its idempotency key is free",
    async run({ store, apply, run, settle, queue }) {
      await queue("other");
      await run("a", { options: { idempotencyKey: "key" } });
      await apply({ type: "message", id: "a", session: "s", text: "hello" });
      await settle("a", { notification: null });
      const purged = await apply({ type: "purge", ...keepAll, completedBefore: start + 1e9 });
      assert.deepEqual(purged, ["a"]);
      assert.deepEqual(await store.messages("a", 0), []);
      assert.deepEqual(await queue("b", { options: { idempotencyKey: "key" } }), {
        inserted: true,
      });
      assert.deepEqual(await store.messages("b", 0), []);
      assert.deepEqual(
        (await store.tasks({ session: "s", limit: 9 })).map((task) => task.id),
        ["other", "b"],
      );
    },
  },
];

async function settled(
  { run, settle }: Fixture,
  id: string,
  at: number,
  status: "completed" | "failed" | "cancelled" = "completed",
): Promise<void> {
  await run(id);
  await settle(id, { at, status, notification: null });
}
