import assert from "node:assert/strict";
import { notificationRecord, type Scenario, start } from "./scenario.ts";

/** `after`. */
export const dependencyScenarios: readonly Scenario[] = [
  {
    name: "a task that names another in `after` is runnable once that one completed",
    async run({ store, run, queue, claim, settle }) {
      await run("a");
      assert.deepEqual(await queue("b", { options: { after: ["a"] } }), { inserted: true });
      assert.deepEqual(await claim(), []);
      await settle("a");
      assert.deepEqual(await claim(), ["b"]);
      assert.equal((await store.task("b"))?.facts, null);
    },
  },
  {
    name: "all that `after` names must have completed, those named twice included",
    async run({ run, queue, claim, settle }) {
      await run("a");
      await run("b");
      await queue("c", { options: { after: ["a", "b", "a"] } });
      await settle("b");
      assert.deepEqual(await claim(), []);
      await settle("a");
      assert.deepEqual(await claim(), ["c"]);
    },
  },
  {
    name: "what completed before is not waited for",
    async run({ run, queue, claim, settle }) {
      await run("a");
      await settle("a");
      await queue("b", { options: { after: ["a"] } });
      assert.deepEqual(await claim(), ["b"]);
    },
  },
  {
    name: "a chain runs link by link",
    async run({ queue, claim, settle }) {
      await queue("a");
      await queue("b", { options: { after: ["a"] } });
      await queue("c", { options: { after: ["b"] } });
      for (const id of ["a", "b", "c"]) {
        assert.deepEqual(await claim(), [id]);
        await settle(id);
      }
      assert.deepEqual(await claim(), []);
    },
  },
  {
    name: "a task whose dependency failed is runnable at once and names it",
    async run({ store, run, queue, claim, settle }) {
      await run("a");
      await run("b");
      await queue("c", { options: { after: ["a", "b"] } });
      await settle("b", { status: "failed", output: null, error: { code: "ERROR", message: "x" } });
      assert.deepEqual(await claim(), ["c"]);
      assert.deepEqual((await store.task("c"))?.facts, { failedDependency: "b" });
      assert.equal(await settle("a"), true);
      assert.deepEqual((await store.task("c"))?.facts, { failedDependency: "b" });
    },
  },
  {
    name: "a cancelled dependency counts as failed, a queued one that was cancelled too",
    async run({ store, queue, claim, apply }) {
      await queue("a");
      await queue("b", { options: { after: ["a"] } });
      await apply({
        type: "cancel",
        id: "a",
        session: "s",
        reason: "no need",
        at: start + 1,
        notification: notificationRecord("n-a", "a", { kind: "cancelled", status: "cancelled" }),
      });
      assert.deepEqual(await claim(), ["b"]);
      assert.deepEqual((await store.task("b"))?.facts, { failedDependency: "a" });
    },
  },
  {
    name: "a task whose dependency failed before is runnable at once and names it",
    async run({ store, run, queue, claim, settle }) {
      await run("a");
      await run("open");
      await settle("a", { status: "failed" });
      await queue("b", { options: { after: ["open", "a"] } });
      assert.deepEqual((await store.task("b"))?.facts, { failedDependency: "a" });
      assert.deepEqual(await claim(), ["b"]);
    },
  },
  {
    name: "a failed dependency ends the wait for a delay as well",
    async run({ run, queue, claim, settle }) {
      await run("a");
      await queue("b", { runAt: start + 3_600_000, options: { after: ["a"] } });
      await settle("a", { status: "failed", at: start + 5 });
      assert.deepEqual(await claim({ now: start + 5 }), ["b"]);
    },
  },
  {
    name: "a completed dependency does not",
    async run({ run, queue, claim, settle }) {
      await run("a");
      await queue("b", { runAt: start + 3_600_000, options: { after: ["a"] } });
      await settle("a");
      assert.deepEqual(await claim({ now: start + 2_000 }), []);
      assert.deepEqual(await claim({ now: start + 3_600_000 }), ["b"]);
    },
  },
  {
    name: "a task that waits for another is queued and can be cancelled",
    async run({ store, run, queue, settle, claim, apply }) {
      await run("a");
      await queue("b", { options: { after: ["a"] } });
      assert.deepEqual(await store.sessions(start, "s"), [
        { session: "s", queued: 1, pending: 0, pendingFailures: 0 },
      ]);
      const outcome = await apply({
        type: "cancel",
        id: "b",
        session: "s",
        reason: "no need",
        at: start,
        notification: notificationRecord("n-b", "b", { kind: "cancelled", status: "cancelled" }),
      });
      assert.deepEqual(outcome, { state: "cancelled", notified: true });
      await settle("a");
      assert.deepEqual(await claim(), []);
      assert.equal((await store.task("b"))?.status, "cancelled");
    },
  },
  {
    name: "a retry of a dependency keeps what waits for it waiting",
    async run({ run, queue, claim, settle, apply, fence }) {
      await run("a");
      await queue("b", { options: { after: ["a"] } });
      await apply({
        type: "requeue",
        id: "a",
        fence,
        attempt: 1,
        runAt: start,
        facts: { lastError: null },
      });
      assert.deepEqual(await claim(), ["a"]);
      await settle("a", { attempt: 2 });
      assert.deepEqual(await claim(), ["b"]);
    },
  },
  {
    name: "an `after` that names a task which is unknown, or of another session, is refused",
    async run({ store, run, queue }) {
      await run("elsewhere", { session: "t" });
      await run("a");
      for (const unknownTask of ["nothing", "elsewhere", "__proto__"]) {
        assert.deepEqual(await queue("b", { options: { after: ["a", unknownTask] } }), {
          inserted: false,
          unknownTask,
        });
        assert.equal(await store.task("b"), undefined);
      }
    },
  },
];
