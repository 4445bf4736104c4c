import assert from "node:assert/strict";
import { notificationRecord, type Scenario, start, taskRecord } from "./scenario.ts";

/** `settle` and `consume`. */
export const settleScenarios: readonly Scenario[] = [
  {
    name: "a settled task has its result, and its notification is owed",
    async run({ store, run, settle }) {
      await run("a");
      const text = "the last lines";
      const notification = notificationRecord("n-a", "a", { text, createdAt: start + 1_000 });
      assert.equal(await settle("a", { output: '{"x":1}', notification }), true);
      const task = taskRecord("a", {
        status: "completed",
        attempt: 1,
        startedAt: start,
        settledAt: start + 1_000,
        output: '{"x":1}',
      });
      assert.deepEqual(await store.task("a"), task);
      assert.deepEqual(await store.notifications({ session: "s", limit: 9, now: start }), [
        { notification, task },
      ]);
    },
  },
  {
    name: "a failed task has its error, with details, and so has its notification",
    async run({ store, run, settle }) {
      await run("a");
      const error = {
        code: "EXIT_CODE",
        message: "ended with 2",
        details: { exitCode: 2, signal: null, file: "a\u0000b", core: false },
      };
      const notification = notificationRecord("n-a", "a", {
        kind: "failed",
        status: "failed",
        error,
      });
      assert.equal(
        await settle("a", { status: "failed", output: null, error, notification }),
        true,
      );
      assert.deepEqual((await store.task("a"))?.error, error);
      const [owed] = await store.notifications({ session: "s", limit: 9, now: start });
      assert.deepEqual(owed?.notification, notification);
    },
  },
  {
    name: "a task settles once: every later change to it is refused",
    async run({ store, run, settle, apply, fence, pending }) {
      await run("a");
      assert.equal(await settle("a"), true);
      const before = await store.task("a");
      assert.equal(await settle("a"), false);
      assert.equal(await settle("a", { status: "failed", output: null }), false);
      assert.deepEqual(
        await apply({
          type: "cancel",
          id: "a",
          session: "s",
          reason: "late",
          at: start,
          notification: notificationRecord("late", "a", { kind: "cancelled" }),
        }),
        { state: "settled" },
      );
      assert.equal(
        await apply({
          type: "requeue",
          id: "a",
          fence,
          attempt: 1,
          runAt: start,
          facts: { lastError: null },
        }),
        false,
      );
      assert.deepEqual(await store.task("a"), before);
      assert.deepEqual(await pending(), ["n-a"]);
    },
  },
  {
    name: "of two that settle one task at the same time, one does",
    async run({ store, run, apply, fence, pending }) {
      await run("a");
      const settle = (output: string) =>
        apply({
          type: "settle",
          id: "a",
          fence,
          attempt: 1,
          status: "completed",
          output,
          error: null,
          at: start,
          notification: notificationRecord(`n-${output}`, "a"),
        });
      const outcomes = await Promise.all([settle("1"), settle("2"), settle("3")]);
      assert.equal(outcomes.filter(Boolean).length, 1);
      const output = (await store.task("a"))?.output;
      assert.equal(outcomes[Number(output) - 1], true);
      assert.deepEqual(await pending(), [`n-${output}`]);
    },
  },
  {
    name: "a settle is refused unless this attempt runs under this fence",
    async run({ store, run, queue, settle, fence, rival, pending }) {
      await run("a");
      await queue("queued");
      await queue("own", { fence, options: { ephemeral: true } });
      const refused = [
        await settle("a", { fence: rival }),
        await settle("a", { fence: "nobody#1" }),
        await settle("a", { attempt: 2 }),
        await settle("a", { attempt: 0 }),
        await settle("a", { fence: rival, holder: fence }),
        await settle("a", { holder: rival }),
        await settle("queued", { attempt: 0 }),
        await settle("own", { attempt: 0 }),
        await settle("nothing"),
      ];
      assert.deepEqual([...new Set(refused)], [false]);
      assert.equal((await store.task("a"))?.status, "running");
      assert.deepEqual(await pending(), []);
    },
  },
  {
    name: "an attempt of a deposed owner that was never claimed can be settled",
    async run({ store, queue, settle, apply, rival }) {
      await queue("a", { fence: rival, options: { ephemeral: true } });
      await queue("free");
      const interrupted = { status: "failed", output: null, holder: rival, attempt: 0 } as const;
      assert.equal(await settle("a", interrupted), false);
      await apply({ type: "depose", fence: rival });
      assert.equal(await settle("a", { ...interrupted, attempt: 1 }), false);
      assert.equal(await settle("free", interrupted), false);
      assert.equal(await settle("a", interrupted), true);
      assert.equal((await store.task("a"))?.status, "failed");
      assert.equal((await store.sessions(start, "s"))[0]?.queued, 1);
    },
  },
  {
    name: "a task may settle without a notification",
    async run({ run, settle, pending, apply }) {
      await run("a");
      assert.equal(await settle("a", { notification: null }), true);
      assert.deepEqual(await pending(), []);
      assert.deepEqual(await apply({ type: "consume", session: "s", taskId: "a" }), {
        acknowledged: 0,
        pending: false,
        failure: false,
      });
    },
  },
  {
    name: "notifications are owed in the order in which tasks settled",
    async run({ run, settle, pending }) {
      for (const id of ["a", "b", "c"]) await run(id);
      for (const id of ["c", "a", "b"]) await settle(id);
      assert.deepEqual(await pending(), ["n-c", "n-a", "n-b"]);
    },
  },
  {
    name: "a notification can be born leased: handed out once, for its token alone",
    async run({ store, run, settle, apply, fence, pending }) {
      await run("a");
      await settle("a", { token: "reader" });
      assert.deepEqual(await pending(), []);
      const [born] = await store.notifications({
        session: "s",
        limit: 1,
        now: start + 1e9,
        leased: true,
      });
      assert.equal(born?.notification.deliveries, 1);
      const ack = (token: string) =>
        apply({ type: "ack", session: "s", ids: ["n-a"], token, fence });
      assert.equal(await ack("other"), false);
      assert.equal(await ack("reader"), true);
      assert.deepEqual(
        await store.notifications({ session: "s", limit: 1, now: 0, leased: true }),
        [],
      );
    },
  },
  {
    name: "one that was born leased is pending again when it is given back or its owner is deposed",
    async run({ run, settle, apply, fence, rival, pending }) {
      await run("a");
      await run("b", { fence: rival });
      await settle("a", { token: "reader" });
      await settle("b", { token: "other", fence: rival });
      assert.equal(
        await apply({ type: "release", session: "s", ids: ["n-a"], token: "reader", fence }),
        1,
      );
      assert.deepEqual(await pending(), ["n-a"]);
      await apply({ type: "depose", fence: rival });
      assert.deepEqual(await pending(), ["n-a", "n-b"]);
    },
  },
  {
    name: "reading a result settles its notification for good, whether or not it was leased",
    async run({ run, settle, lease, apply, pending }) {
      for (const id of ["a", "b"]) await run(id);
      await settle("a", { notification: notificationRecord("n-a", "a", { kind: "failed" }) });
      await settle("b");
      await lease(["n-b"], "t");
      const consume = (taskId: string) => apply({ type: "consume", session: "s", taskId });
      assert.deepEqual(await consume("a"), { acknowledged: 1, pending: true, failure: true });
      assert.deepEqual(await consume("b"), { acknowledged: 1, pending: false, failure: false });
      assert.deepEqual(await consume("b"), { acknowledged: 0, pending: false, failure: false });
      assert.deepEqual(await consume("x"), { acknowledged: 0, pending: false, failure: false });
      assert.deepEqual(await pending(), []);
    },
  },
  {
    name: "reading a result leaves the task's other notifications alone",
    async run({ run, settle, apply, fence, pending }) {
      await run("a");
      await apply({
        type: "notify",
        fence,
        attempt: 1,
        notification: notificationRecord("n-progress", "a", { kind: "progress" }),
      });
      const consume = () => apply({ type: "consume", session: "s", taskId: "a" });
      assert.equal((await consume()).acknowledged, 0);
      await settle("a");
      assert.equal((await consume()).acknowledged, 1);
      assert.deepEqual(await pending(), ["n-progress"]);
    },
  },
];
