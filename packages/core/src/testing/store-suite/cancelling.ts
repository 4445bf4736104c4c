import assert from "node:assert/strict";
import type { Outcomes } from "../../store/store.ts";
import { type Fixture, notificationRecord, type Scenario, start } from "./scenario.ts";

const error = { code: "CANCELLED", message: "no need" };

/** `cancel`. */
export const cancelScenarios: readonly Scenario[] = [
  {
    name: "a queued task that is cancelled settles at once, with its error and its notification",
    async run(fixture) {
      const { store, queue, claim, pending } = fixture;
      await queue("a");
      assert.deepEqual(await cancel(fixture, "a"), { state: "cancelled", notified: true });
      const task = await store.task("a");
      assert.equal(task?.status, "cancelled");
      assert.equal(task?.settledAt, start + 3);
      assert.deepEqual(task?.error, error);
      assert.deepEqual(await pending(), ["n-a"]);
      assert.deepEqual(await claim(), []);
    },
  },
  {
    name: "a queued task that is not to notify of it is cancelled in silence",
    async run(fixture) {
      for (const notify of ["failure", "never"] as const) {
        await fixture.queue(notify, { options: { notify } });
        assert.deepEqual(await cancel(fixture, notify), { state: "cancelled", notified: false });
        assert.deepEqual((await fixture.store.task(notify))?.error, error);
      }
      assert.deepEqual(await fixture.pending(), []);
    },
  },
  {
    name: "the cancel of a running task is a request, of which the first reason is kept",
    async run(fixture) {
      const { store, run, settle, pending } = fixture;
      await run("a", { facts: { checkpoint: "[1]" } });
      assert.deepEqual(await cancel(fixture, "a", "first"), { state: "requested" });
      assert.deepEqual(await cancel(fixture, "a", "second"), { state: "requested" });
      const task = await store.task("a");
      assert.equal(task?.status, "running");
      assert.deepEqual(task?.facts, { checkpoint: "[1]", cancelRequested: "first" });
      assert.deepEqual(await pending(), []);
      assert.equal(await settle("a"), true);
    },
  },
  {
    name: "a delayed task can be cancelled, and is not announced any more",
    async run(fixture) {
      const { queue, apply, fence } = fixture;
      await queue("a", { runAt: start + 100 });
      await cancel(fixture, "a");
      assert.deepEqual(
        await apply({ type: "claim", session: "s", limit: 1, fence, names: ["work"], now: start }),
        { tasks: [], nextAt: null },
      );
    },
  },
  {
    name: "a cancelled backlog does not stand in the way of what comes after it",
    async run(fixture) {
      const { queue, claim } = fixture;
      for (let index = 0; index < 200; index++) {
        await queue(`dead-${index}`, { runAt: start + (index % 2) });
      }
      for (let index = 0; index < 200; index++) await cancel(fixture, `dead-${index}`);
      await queue("alive");
      assert.deepEqual(await claim({ now: start + 5 }), ["alive"]);
    },
  },
  {
    name: "of a cancel and a settle that race, one wins and one notification is owed",
    async run(fixture) {
      const { store, queue, settle, claim, pending } = fixture;
      await queue("a");
      const [claimed, cancelled] = await Promise.all([claim(), cancel(fixture, "a")]);
      const status = (await store.task("a"))?.status;
      if (claimed.length === 1) {
        assert.equal(status, "running");
        assert.deepEqual(cancelled, { state: "requested" });
        assert.equal(await settle("a"), true);
      } else {
        assert.equal(status, "cancelled");
        assert.equal(await settle("a"), false);
      }
      assert.deepEqual(await pending(), ["n-a"]);
    },
  },
  {
    name: "a task that is unknown, or of another session, is unknown to a cancel",
    async run(fixture) {
      await fixture.queue("a", { session: "t" });
      assert.deepEqual(await cancel(fixture, "a"), { state: "unknown" });
      assert.deepEqual(await cancel(fixture, "nothing"), { state: "unknown" });
      assert.equal((await fixture.store.task("a"))?.status, "queued");
    },
  },
];

function cancel({ apply }: Fixture, id: string, reason = "no need"): Promise<Outcomes["cancel"]> {
  return apply({
    type: "cancel",
    id,
    session: "s",
    reason,
    at: start + 3,
    notification: notificationRecord(`n-${id}`, id, {
      kind: "cancelled",
      status: "cancelled",
      error,
    }),
  });
}
