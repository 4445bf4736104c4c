import assert from "node:assert/strict";
import { type Scenario, start } from "./scenario.ts";

/** `claim`. */
export const claimScenarios: readonly Scenario[] = [
  {
    name: "a claim makes a queued task running, under the fence, with one attempt more",
    async run({ store, queue, apply, fence }) {
      await queue("a");
      const { tasks, nextAt } = await apply({
        type: "claim",
        session: "s",
        limit: 1,
        fence,
        names: ["work"],
        now: start + 7,
      });
      assert.equal(nextAt, null);
      assert.equal(tasks.length, 1);
      assert.deepEqual(tasks[0], await store.task("a"));
      assert.equal(tasks[0]?.status, "running");
      assert.equal(tasks[0]?.attempt, 1);
      assert.equal(tasks[0]?.fence, fence);
      assert.equal(tasks[0]?.startedAt, start + 7);
    },
  },
  {
    name: "no task is claimed twice, whoever asks",
    async run({ queue, claim, rival }) {
      await queue("a");
      assert.deepEqual(await claim(), ["a"]);
      assert.deepEqual(await claim(), []);
      assert.deepEqual(await claim({ fence: rival }), []);
    },
  },
  {
    name: "claims go by priority, then by age",
    async run({ queue, claim }) {
      await queue("low", { options: { priority: -1 } });
      await queue("first");
      await queue("high", { options: { priority: 2.5 } });
      await queue("second");
      await queue("also high", { options: { priority: 2.5 } });
      assert.deepEqual(await claim({ limit: 2 }), ["high", "also high"]);
      assert.deepEqual(await claim({ limit: 2 }), ["first", "second"]);
      assert.deepEqual(await claim(), ["low"]);
    },
  },
  {
    name: "age is when the task came, however long it had to wait",
    async run({ queue, claim, apply, fence }) {
      await queue("delayed", { runAt: start + 10 });
      await queue("retried");
      assert.deepEqual(await claim({ limit: 1 }), ["retried"]);
      await queue("fresh");
      await apply({
        type: "requeue",
        id: "retried",
        fence,
        attempt: 1,
        runAt: start + 5,
        facts: { lastError: null },
      });
      assert.deepEqual(await claim({ now: start + 10 }), ["delayed", "retried", "fresh"]);
    },
  },
  {
    name: "a delayed task is not claimed before its time, and the outcome says when it is due",
    async run({ queue, claim, apply, fence }) {
      await queue("later", { runAt: start + 2_000 });
      await queue("soon", { runAt: start + 1_000 });
      const ask = (now: number) =>
        apply({ type: "claim", session: "s", limit: 1, fence, names: ["work"], now });
      assert.deepEqual(await ask(start), { tasks: [], nextAt: start + 1_000 });
      assert.deepEqual(await claim({ now: start + 999 }), []);
      const due = await ask(start + 1_000);
      assert.deepEqual(
        due.tasks.map((task) => task.id),
        ["soon"],
      );
      assert.equal(due.nextAt, start + 2_000);
      assert.equal((await ask(start + 2_000)).nextAt, null);
    },
  },
  {
    name: "a task that is due but beyond the limit is not announced as one that waits",
    async run({ queue, apply, fence }) {
      await queue("a", { runAt: start + 1 });
      await queue("b", { runAt: start + 1 });
      const outcome = await apply({
        type: "claim",
        session: "s",
        limit: 1,
        fence,
        names: ["work"],
        now: start + 1,
      });
      assert.equal(outcome.tasks.length, 1);
      assert.equal(outcome.nextAt, null);
    },
  },
  {
    name: "a clock that was set back makes a task wait for its time",
    async run({ queue, apply, fence }) {
      await queue("a");
      const claim = (now: number) =>
        apply({ type: "claim", session: "s", limit: 1, fence, names: ["work"], now });
      assert.deepEqual(await claim(start - 1), { tasks: [], nextAt: start });
      assert.equal((await claim(start)).tasks.length, 1);
    },
  },
  {
    name: "only tasks of a name that the claim knows are taken",
    async run({ queue, claim }) {
      await queue("a", { name: "unknown" });
      await queue("b");
      await queue("c", { name: "other" });
      assert.deepEqual(await claim(), ["b"]);
      assert.deepEqual(await claim({ names: [] }), []);
      assert.deepEqual(await claim({ names: ["other", "unknown"] }), ["a", "c"]);
    },
  },
  {
    name: "tasks of one priority go by age, whatever their names and fences",
    async run({ queue, claim, fence }) {
      await queue("a", { name: "other" });
      await queue("b", { fence });
      await queue("c");
      await queue("d", { name: "other" });
      await queue("e", { fence });
      assert.deepEqual(await claim({ names: ["work", "other"] }), ["a", "b", "c", "d", "e"]);
    },
  },
  {
    name: "a task with a fence is left to the owner of that fence",
    async run({ queue, claim, rival }) {
      await queue("mine", { fence: rival, options: { ephemeral: true } });
      await queue("anyone's");
      assert.deepEqual(await claim(), ["anyone's"]);
      assert.deepEqual(await claim({ fence: rival }), ["mine"]);
    },
  },
  {
    name: "a claim with a limit of nothing takes nothing but says when the next is due",
    async run({ queue, apply, fence }) {
      await queue("a");
      await queue("b", { runAt: start + 3 });
      assert.deepEqual(
        await apply({ type: "claim", session: "s", limit: 0, fence, names: ["work"], now: start }),
        { tasks: [], nextAt: start + 3 },
      );
    },
  },
  {
    name: "a claim with the fence of nobody takes nothing",
    async run({ store, queue, claim, apply, rival }) {
      await queue("a");
      await apply({ type: "depose", fence: rival });
      assert.deepEqual(await claim({ fence: rival }), []);
      assert.equal((await store.task("a"))?.status, "queued");
    },
  },
  {
    name: "a claim in a session that has nothing takes nothing",
    async run({ apply, fence }) {
      assert.deepEqual(
        await apply({
          type: "claim",
          session: "empty",
          limit: 5,
          fence,
          names: ["work"],
          now: start,
        }),
        { tasks: [], nextAt: null },
      );
    },
  },
];
