import assert from "node:assert/strict";
import type { Change } from "../../store/store.ts";
import { notificationRecord, type Scenario, start, taskRecord } from "./scenario.ts";

/** Many changes in one commit. */
export const batchScenarios: readonly Scenario[] = [
  {
    name: "each change of a batch sees those before it",
    async run({ store, fence, pending }) {
      const outcomes = await store.commit([
        { type: "insert", task: taskRecord("a") },
        { type: "insert", task: taskRecord("b", { options: { after: ["a"] } }) },
        { type: "claim", session: "s", limit: 9, fence, names: ["work"], now: start },
        settle("a", fence),
        { type: "claim", session: "s", limit: 9, fence, names: ["work"], now: start },
        {
          type: "lease",
          session: "s",
          ids: ["n-a"],
          token: "t",
          fence,
          until: start + 9,
          now: start,
        },
        { type: "ack", session: "s", ids: ["n-a"], token: "t", fence },
        settle("b", fence),
        { type: "consume", session: "s", taskId: "b" },
        { type: "purge", completedBefore: start + 1e9, failedBefore: 0, keep: 9, limit: 1 },
      ]);
      const summary = outcomes.map((outcome) =>
        typeof outcome === "object" && "tasks" in outcome
          ? outcome.tasks.map((task) => task.id)
          : outcome,
      );
      assert.deepEqual(summary, [
        { inserted: true },
        { inserted: true },
        ["a"],
        true,
        ["b"],
        ["n-a"],
        true,
        true,
        { acknowledged: 1, pending: true, failure: false },
        ["a"],
      ]);
      assert.deepEqual(await pending(), []);
      assert.equal((await store.tasks({ limit: 9 })).length, 1);
    },
  },
  {
    name: "a refused change does not undo the others of its batch",
    async run({ store, fence, pending }) {
      const run = { status: "running", attempt: 1, fence, startedAt: start } as const;
      const outcomes = await store.commit([
        { type: "insert", task: taskRecord("a", run) },
        { type: "insert", task: taskRecord("x", { options: { after: ["nothing"] } }) },
        settle("x", fence),
        settle("a", fence),
        settle("a", fence),
        { type: "ack", session: "s", ids: ["n-a"], token: "none", fence },
        { type: "insert", task: taskRecord("b", run) },
      ]);
      assert.deepEqual(outcomes, [
        { inserted: true },
        { inserted: false, unknownTask: "nothing" },
        false,
        true,
        false,
        false,
        { inserted: true },
      ]);
      assert.deepEqual(await pending(), ["n-a"]);
      assert.equal((await store.task("b"))?.status, "running");
    },
  },
  {
    name: "an owner that registers, or is deposed, within a batch counts from there on",
    async run({ store, rival }) {
      const outcomes = await store.commit([
        { type: "insert", task: taskRecord("a", { fence: "three#1" }) },
        { type: "register", owner: "three", identity: "", until: start },
        { type: "insert", task: taskRecord("b", { fence: "three#1" }) },
        { type: "depose", fence: rival },
        { type: "begin-turn", session: "s", fence: rival },
      ]);
      assert.deepEqual(outcomes[0], { inserted: false, lost: true });
      assert.deepEqual(outcomes[2], { inserted: true });
      assert.deepEqual(outcomes.slice(3), [true, false]);
    },
  },
  {
    name: "an empty batch has no outcomes",
    async run({ store }) {
      assert.deepEqual(await store.commit([]), []);
    },
  },
  {
    name: "a thousand tasks go through in one commit for each step",
    async run({ store, fence, claim, pending }) {
      const ids = Array.from({ length: 1_000 }, (_, index) => `t${index}`);
      await store.commit(ids.map((id) => ({ type: "insert", task: taskRecord(id) })));
      assert.deepEqual(await claim({ limit: 2_000 }), ids);
      const settled = await store.commit(ids.map((id) => settle(id, fence)));
      assert.ok(settled.every((outcome) => outcome === true));
      assert.equal((await pending()).length, 1_000);
    },
  },
  {
    name: "commits that overlap apply in the order in which they were given",
    async run({ store }) {
      const insert = (id: string): Promise<unknown> =>
        store.commit([
          { type: "insert", task: taskRecord(id, { options: { idempotencyKey: "key" } }) },
        ]);
      const [first, second] = (await Promise.all([insert("a"), insert("b")])) as [
        [{ inserted: boolean }],
        [{ inserted: boolean }],
      ];
      assert.equal(first[0].inserted, true);
      assert.equal(second[0].inserted, false);
    },
  },
];

function settle(id: string, fence: string): Extract<Change, { type: "settle" }> {
  return {
    type: "settle",
    id,
    fence,
    attempt: 1,
    status: "completed",
    output: "1",
    error: null,
    at: start,
    notification: notificationRecord(`n-${id}`, id),
  };
}
