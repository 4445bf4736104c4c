import assert from "node:assert/strict";
import { notificationRecord, type Scenario, start } from "./scenario.ts";

/** `lease`, `ack` and `release`. */
export const leaseScenarios: readonly Scenario[] = [
  {
    name: "a leased notification is not handed out again, and its deliveries are counted",
    async run({ store, run, settle, lease, pending, rival }) {
      for (const id of ["a", "b"]) {
        await run(id);
        await settle(id);
      }
      assert.deepEqual(await lease(["n-a", "nothing"], "t1"), ["n-a"]);
      assert.deepEqual(await lease(["n-b", "n-a"], "t2", { fence: rival }), ["n-b"]);
      assert.deepEqual(await pending(), []);
      const all = await store.notifications({ session: "s", limit: 9, now: start, leased: true });
      assert.deepEqual(
        all.map(({ notification }) => [notification.id, notification.deliveries]),
        [
          ["n-a", 1],
          ["n-b", 1],
        ],
      );
    },
  },
  {
    name: "an id that is asked for twice is leased once",
    async run({ store, run, settle, lease }) {
      await run("a");
      await settle("a");
      assert.deepEqual(await lease(["n-a", "n-a"], "t"), ["n-a"]);
      const [owed] = await store.notifications({ session: "s", limit: 9, now: 0, leased: true });
      assert.equal(owed?.notification.deliveries, 1);
    },
  },
  {
    name: "what is released is pending again, in its old place, its deliveries kept",
    async run({ store, run, settle, lease, apply, fence, pending }) {
      for (const id of ["a", "b", "c"]) {
        await run(id);
        await settle(id);
      }
      await lease(["n-a", "n-b"], "t");
      const release = (ids: readonly string[], token: string) =>
        apply({ type: "release", session: "s", ids, token, fence });
      assert.equal(await release(["n-a", "n-c", "nothing"], "t"), 1);
      assert.equal(await release(["n-b"], "other"), 0);
      assert.deepEqual(await pending(), ["n-a", "n-c"]);
      assert.equal(await release(["n-a", "n-b"], "t"), 1);
      assert.deepEqual(await pending(), ["n-a", "n-b", "n-c"]);
      await lease(["n-a"], "again");
      const [first] = await store.notifications({ session: "s", limit: 1, now: 0, leased: true });
      assert.equal(first?.notification.deliveries, 2);
    },
  },
  {
    name: "an acknowledged notification never comes back",
    async run({ store, run, settle, lease, apply, fence, pending }) {
      await run("a");
      await settle("a");
      await lease(["n-a"], "t");
      assert.equal(
        await apply({ type: "ack", session: "s", ids: ["n-a"], token: "t", fence }),
        true,
      );
      assert.deepEqual(await pending(), []);
      assert.deepEqual(await lease(["n-a"], "t2"), []);
      await apply({ type: "depose", fence });
      const owed = await store.notifications({
        session: "s",
        limit: 9,
        now: start + 1e9,
        leased: true,
      });
      assert.deepEqual(owed, []);
      assert.equal((await store.task("a"))?.status, "completed");
    },
  },
  {
    name: "what is owed after the last one was acknowledged can be leased like that",
    async run({ run, settle, lease, apply, fence, pending }) {
      for (const id of ["a", "b", "c"]) {
        await run(id);
        await settle(id);
        assert.deepEqual(await lease([`n-${id}`], id), [`n-${id}`]);
        const ids = [`n-${id}`];
        assert.equal(await apply({ type: "ack", session: "s", ids, token: id, fence }), true);
      }
      assert.deepEqual(await pending(), []);
    },
  },
  {
    name: "acknowledging is all or nothing: one lost id keeps all of them",
    async run({ run, settle, lease, apply, fence, pending }) {
      for (const id of ["a", "b"]) {
        await run(id);
        await settle(id);
      }
      await lease(["n-a"], "mine");
      await lease(["n-b"], "other");
      const ack = (ids: readonly string[], token: string) =>
        apply({ type: "ack", session: "s", ids, token, fence });
      assert.equal(await ack(["n-a", "n-b"], "mine"), false);
      await apply({ type: "release", session: "s", ids: ["n-b"], token: "other", fence });
      assert.equal(await ack(["n-a", "n-b"], "mine"), false);
      assert.equal(await ack(["n-a"], "mine"), true);
      assert.deepEqual(await pending(), ["n-b"]);
    },
  },
  {
    name: "what was read meanwhile, or acknowledged before, does not stop an acknowledgement",
    async run({ run, settle, lease, apply, fence, pending }) {
      for (const id of ["a", "b"]) {
        await run(id);
        await settle(id);
      }
      await lease(["n-a", "n-b"], "t");
      await apply({ type: "consume", session: "s", taskId: "a" });
      const ack = () =>
        apply({ type: "ack", session: "s", ids: ["n-a", "n-b"], token: "t", fence });
      assert.equal(await ack(), true);
      assert.equal(await ack(), true);
      assert.deepEqual(await pending(), []);
    },
  },
  {
    name: "a lease that has run out is given back, to the first who takes it",
    async run({ store, run, settle, lease, apply, fence, rival }) {
      await run("a");
      await settle("a");
      await lease(["n-a"], "t1", { until: start + 100 });
      const receivable = async (now: number) =>
        (await store.notifications({ session: "s", limit: 9, now })).length;
      assert.equal(await receivable(start + 99), 0);
      assert.equal(await receivable(start + 100), 1);
      assert.deepEqual(await lease(["n-a"], "t2", { fence: rival, now: start + 99 }), []);
      assert.deepEqual(
        await lease(["n-a"], "t2", { fence: rival, now: start + 100, until: start + 200 }),
        ["n-a"],
      );
      const ack = (token: string, by: string) =>
        apply({ type: "ack", session: "s", ids: ["n-a"], token, fence: by });
      assert.equal(await ack("t1", fence), false);
      assert.equal(await ack("t2", rival), true);
    },
  },
  {
    name: "a lease that has run out can still be acknowledged as long as nobody else took it",
    async run({ run, settle, lease, apply, fence }) {
      await run("a");
      await settle("a");
      await lease(["n-a"], "t1", { until: start + 1 });
      assert.equal(
        await apply({ type: "ack", session: "s", ids: ["n-a"], token: "t1", fence }),
        true,
      );
    },
  },
  {
    name: "the leases of a deposed owner are free, and it can neither lease, release nor acknowledge",
    async run({ run, settle, lease, apply, rival, pending }) {
      for (const id of ["a", "b"]) {
        await run(id);
        await settle(id);
      }
      await lease(["n-a"], "t", { fence: rival });
      await apply({ type: "depose", fence: rival });
      assert.deepEqual(await pending(), ["n-a", "n-b"]);
      const change = { session: "s", token: "t", fence: rival };
      assert.equal(await apply({ type: "ack", ids: ["n-a"], ...change }), false);
      assert.equal(await apply({ type: "release", ids: ["n-a"], ...change }), 0);
      assert.equal(await apply({ type: "ack", ids: [], ...change }), false);
      assert.deepEqual(await lease(["n-b"], "t", { fence: rival }), []);
      assert.deepEqual(await lease(["n-a", "n-b"], "t2"), ["n-a", "n-b"]);
    },
  },
  {
    name: "a session's summary counts what is queued, what is pending and how much of it failed",
    async run({ store, run, queue, settle, lease, apply, fence, rival }) {
      await queue("q");
      for (const id of ["a", "b", "c"]) await run(id);
      await settle("a");
      const failed = (id: string) => notificationRecord(`n-${id}`, id, { kind: "failed" });
      await settle("b", { status: "failed", notification: failed("b") });
      await settle("c", { status: "failed", notification: failed("c") });
      const summary = async (now = start) => {
        const [one] = await store.sessions(now, "s");
        return [one?.queued, one?.pending, one?.pendingFailures];
      };
      assert.deepEqual(await summary(), [1, 3, 2]);
      await lease(["n-b"], "t", { until: start + 10 });
      assert.deepEqual(await summary(), [1, 2, 1]);
      assert.deepEqual(await summary(start + 10), [1, 3, 2]);
      await apply({ type: "ack", session: "s", ids: ["n-b"], token: "t", fence });
      assert.deepEqual(await summary(start + 10), [1, 2, 1]);
      await lease(["n-a", "n-c"], "t", { fence: rival });
      assert.deepEqual(await summary(), [1, 0, 0]);
      await apply({ type: "depose", fence: rival });
      assert.deepEqual(await summary(), [1, 2, 1]);
      await apply({ type: "consume", session: "s", taskId: "c" });
      assert.deepEqual(await summary(), [1, 1, 0]);
    },
  },
];
