import assert from "node:assert/strict";
import { notificationRecord, type Scenario, start } from "./scenario.ts";

/** What is written while a task runs: `update`, `requeue`, `adopt`, `message`, `notify`. */
export const runningScenarios: readonly Scenario[] = [
  {
    name: "facts are replaced one by one, and null removes one",
    async run({ store, run, apply, fence }) {
      await run("a");
      const update = (facts: object) =>
        apply({ type: "update", id: "a", fence, attempt: 1, facts });
      assert.equal(await update({ progress: { completed: 1 }, checkpoint: "[1]" }), true);
      assert.equal(await update({ progress: { message: "half" } }), true);
      assert.deepEqual((await store.task("a"))?.facts, {
        progress: { message: "half" },
        checkpoint: "[1]",
      });
      await update({ progress: null });
      assert.deepEqual((await store.task("a"))?.facts, { checkpoint: "[1]" });
      await update({ checkpoint: null, containment: null });
      assert.equal((await store.task("a"))?.facts, null);
    },
  },
  {
    name: "what a task waits for is kept until it is removed, also through another owner",
    async run({ store, run, claim, apply, fence, rival }) {
      await run("a", { fence: rival });
      const waiting = { for: "approval", since: start + 1 };
      const facts = { waiting, waitedMs: 7 };
      assert.equal(await apply({ type: "update", id: "a", fence: rival, attempt: 1, facts }), true);
      assert.deepEqual((await store.task("a"))?.facts, facts);
      await apply({ type: "depose", fence: rival });
      await apply({ type: "adopt", id: "a", fence, holder: rival, attempt: 1 });
      assert.deepEqual((await store.task("a"))?.facts, facts);
      const update = (changes: object) =>
        apply({ type: "update", id: "a", fence, attempt: 1, facts: changes });
      await update({ waiting: { for: "its turn", since: start + 1 } });
      assert.equal((await store.task("a"))?.facts?.waiting?.for, "its turn");
      await update({ waiting: null, waitedMs: 9 });
      assert.deepEqual((await store.task("a"))?.facts, { waitedMs: 9 });
      await update({ waiting });
      await apply({
        ...{ type: "requeue", id: "a", fence, attempt: 1, runAt: start },
        facts: { waiting: null, waitedMs: null },
      });
      assert.equal((await store.task("a"))?.facts, null);
      assert.deepEqual(await claim(), ["a"]);
    },
  },
  {
    name: "an update is refused unless this attempt runs under this fence",
    async run({ store, run, queue, settle, apply, fence, rival }) {
      await run("a");
      await queue("queued");
      const facts = { checkpoint: "[1]" };
      const attempts = [
        { id: "a", fence: rival, attempt: 1 },
        { id: "a", fence: "nobody#1", attempt: 1 },
        { id: "a", fence, attempt: 2 },
        { id: "queued", fence, attempt: 0 },
        { id: "nothing", fence, attempt: 1 },
      ];
      for (const attempt of attempts) {
        assert.equal(await apply({ type: "update", facts, ...attempt }), false);
      }
      await settle("a");
      assert.equal(await apply({ type: "update", id: "a", fence, attempt: 1, facts }), false);
      assert.equal((await store.task("a"))?.facts, null);
    },
  },
  {
    name: "a task that is put back runs again at its time, its attempt counted",
    async run({ store, run, claim, apply, fence, rival }) {
      await run("a");
      await apply({ type: "update", id: "a", fence, attempt: 1, facts: { checkpoint: "[1]" } });
      const lastError = { code: "ERROR", message: "no luck", details: { tries: 1, why: null } };
      assert.equal(
        await apply({
          type: "requeue",
          id: "a",
          fence,
          attempt: 1,
          runAt: start + 500,
          facts: { lastError },
        }),
        true,
      );
      const task = await store.task("a");
      assert.equal(task?.status, "queued");
      assert.equal(task?.attempt, 1);
      assert.equal(task?.runAt, start + 500);
      assert.equal(task?.fence, null);
      assert.deepEqual(task?.facts, { checkpoint: "[1]", lastError });
      assert.deepEqual(await claim({ now: start + 499 }), []);
      assert.deepEqual(await claim({ now: start + 500, fence: rival }), ["a"]);
      assert.equal((await store.task("a"))?.attempt, 2);
      assert.equal((await store.task("a"))?.fence, rival);
    },
  },
  {
    name: "an ephemeral task keeps its fence when it is put back",
    async run({ store, run, claim, apply, fence, rival }) {
      await run("a", { options: { ephemeral: true } });
      await apply({
        type: "requeue",
        id: "a",
        fence,
        attempt: 1,
        runAt: start,
        facts: { lastError: null },
      });
      assert.equal((await store.task("a"))?.fence, fence);
      assert.deepEqual(await claim({ fence: rival }), []);
      assert.deepEqual(await claim(), ["a"]);
    },
  },
  {
    name: "only the running attempt can be put back, and only by its owner",
    async run({ store, run, queue, apply, fence, rival }) {
      await run("a");
      await queue("queued");
      const attempts = [
        { id: "a", fence: rival, attempt: 1 },
        { id: "a", fence, attempt: 2 },
        { id: "a", fence: rival, holder: fence, attempt: 1 },
        { id: "queued", fence, attempt: 0 },
        { id: "nothing", fence, attempt: 1 },
      ];
      for (const attempt of attempts) {
        assert.equal(
          await apply({ type: "requeue", runAt: start, facts: { lastError: null }, ...attempt }),
          false,
        );
      }
      assert.equal((await store.task("a"))?.status, "running");
    },
  },
  {
    name: "the task of a deposed owner can be put back, adopted or settled by another",
    async run({ store, run, settle, apply, fence, rival }) {
      for (const id of ["back", "adopted", "settled"]) await run(id, { fence: rival });
      await apply({ type: "depose", fence: rival });
      const change = { fence, holder: rival, attempt: 1 };
      assert.equal(
        await apply({
          type: "requeue",
          id: "back",
          runAt: start,
          facts: { lastError: null },
          ...change,
        }),
        true,
      );
      assert.equal(await apply({ type: "adopt", id: "adopted", ...change }), true);
      assert.equal(await settle("settled", { holder: rival }), true);
      assert.equal((await store.task("back"))?.status, "queued");
      const adopted = await store.task("adopted");
      assert.deepEqual([adopted?.status, adopted?.fence, adopted?.attempt], ["running", fence, 1]);
      assert.equal((await store.task("settled"))?.status, "completed");
      assert.equal(await settle("adopted"), true);
    },
  },
  {
    name: "nothing is adopted from an owner that is registered, from another holder, or twice",
    async run({ store, run, apply, fence, rival }) {
      await run("a", { fence: rival });
      const adopt = (holder: string, attempt = 1) =>
        apply({ type: "adopt", id: "a", fence, holder, attempt });
      assert.equal(await adopt(rival), false);
      await apply({ type: "depose", fence: rival });
      assert.equal(await adopt("nobody#1"), false);
      assert.equal(await adopt(rival, 2), false);
      assert.equal(await adopt(rival), true);
      assert.equal(await adopt(rival), false);
      assert.equal((await store.task("a"))?.fence, fence);
    },
  },
  {
    name: "a deposed owner that comes back can write nothing",
    async run({ store, run, settle, apply, fence, rival }) {
      await run("a", { fence: rival });
      await apply({ type: "depose", fence: rival });
      const change = { id: "a", fence: rival, attempt: 1 };
      assert.equal(await apply({ type: "update", facts: { checkpoint: "1" }, ...change }), false);
      assert.equal(
        await apply({ type: "requeue", runAt: start, facts: { lastError: null }, ...change }),
        false,
      );
      assert.equal(await settle("a", { fence: rival }), false);
      assert.equal(
        await apply({
          type: "notify",
          fence: rival,
          attempt: 1,
          notification: notificationRecord("n", "a", { kind: "progress", status: "running" }),
        }),
        false,
      );
      assert.equal(await apply({ type: "renew", fence: rival, until: start }), false);
      const task = await store.task("a");
      assert.deepEqual([task?.status, task?.fence, task?.facts], ["running", rival, null]);
      assert.equal(await settle("a", { fence, holder: rival }), true);
    },
  },
  {
    name: "messages are kept in order for a task that has not settled, through its attempts",
    async run({ store, queue, claim, settle, apply, fence }) {
      await queue("a");
      const send = (text: string) => apply({ type: "message", id: "a", session: "s", text });
      assert.equal(await send("one"), true);
      await claim();
      assert.equal(await send("two"), true);
      await apply({
        type: "requeue",
        id: "a",
        fence,
        attempt: 1,
        runAt: start,
        facts: { lastError: null },
      });
      await claim();
      assert.equal(await send(""), true);
      assert.deepEqual(await store.messages("a", 0), ["one", "two", ""]);
      assert.deepEqual(await store.messages("a", 2), [""]);
      assert.deepEqual(await store.messages("a", 3), []);
      await settle("a", { attempt: 2 });
      assert.equal(await send("late"), false);
      assert.equal((await store.messages("a", 0)).length, 3);
    },
  },
  {
    name: "there is no message for a task that is unknown or of another session",
    async run({ store, queue, apply }) {
      await queue("a", { session: "t" });
      const send = (id: string) => apply({ type: "message", id, session: "s", text: "hello" });
      assert.equal(await send("a"), false);
      assert.equal(await send("nothing"), false);
      assert.deepEqual(await store.messages("a", 0), []);
      assert.deepEqual(await store.messages("nothing", 0), []);
    },
  },
  {
    name: "a running task can owe notifications that are not terminal",
    async run({ store, run, settle, apply, fence, rival, pending }) {
      await run("a");
      const notify = (id: string, fields: object = {}) =>
        apply({
          type: "notify",
          fence,
          attempt: 1,
          notification: notificationRecord(id, "a", { kind: "match", status: "running" }),
          ...fields,
        });
      assert.equal(await notify("one"), true);
      assert.equal(await notify("two"), true);
      assert.equal(await notify("three", { fence: rival }), false);
      assert.equal(await notify("four", { attempt: 2 }), false);
      await settle("a");
      assert.equal(await notify("five"), false);
      assert.deepEqual(await pending(), ["one", "two", "n-a"]);
      const [first] = await store.notifications({ session: "s", limit: 1, now: start });
      assert.deepEqual(
        first?.notification,
        notificationRecord("one", "a", { kind: "match", status: "running" }),
      );
    },
  },
];
