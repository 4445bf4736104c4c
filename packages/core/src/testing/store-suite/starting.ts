import assert from "node:assert/strict";
import {
  defaultOptions,
  notificationRecord,
  type Scenario,
  start,
  taskRecord,
} from "./scenario.ts";

/** `insert`, but for dependencies. */
export const startScenarios: readonly Scenario[] = [
  {
    name: "a task is stored as it was given, with every field",
    async run({ store, queue, run, fence }) {
      const options = {
        priority: -3,
        timeoutMs: 5_000,
        notify: "failure",
        after: [],
        idempotencyKey: "key",
        recover: "custom",
        ephemeral: true,
      } as const;
      const facts = { progress: { completed: 1, total: 2, message: "half" }, checkpoint: "[1]" };
      const queued = { options, input: null, runAt: start + 5, fence, facts };
      assert.deepEqual(await queue("queued", queued), { inserted: true });
      assert.deepEqual(await store.task("queued"), taskRecord("queued", queued));
      assert.deepEqual(await run("running", { createdAt: start + 1 }), { inserted: true });
      assert.deepEqual(
        await store.task("running"),
        taskRecord("running", {
          status: "running",
          attempt: 1,
          fence,
          startedAt: start,
          createdAt: start + 1,
        }),
      );
    },
  },
  {
    name: "text survives as it is: quotes, line ends, controls, other scripts, emoji",
    async run({ store, queue }) {
      const title = 'it\'s "quoted" \\ % _ \u0001 \r\n\t 日本語 עברית 🛰️ \u2028';
      const input = JSON.stringify({ title, empty: "" });
      await queue("a", { title, input, session: title });
      const task = await store.task("a");
      assert.equal(task?.title, title);
      assert.equal(task?.input, input);
      assert.equal(task?.session, title);
    },
  },
  {
    name: "a NUL in what people read cuts nothing off",
    async run({ store, run, settle, apply }) {
      const text = "before\u0000after \u0000\u0000 日本";
      await run("a", { title: text });
      await apply({ type: "message", id: "a", session: "s", text });
      await settle("a", { notification: notificationRecord("n-a", "a", { text, title: text }) });
      assert.equal((await store.task("a"))?.title, text);
      assert.deepEqual(await store.messages("a", 0), [text]);
      const [owed] = await store.notifications({ session: "s", limit: 1, now: start });
      assert.equal(owed?.notification.text, text);
      assert.equal(owed?.notification.title, text);
    },
  },
  {
    name: "a second insert with an idempotency key of the session changes nothing and gives the first",
    async run({ store, queue }) {
      await queue("a", { options: { idempotencyKey: "key" } });
      const outcome = await queue("b", { title: "other", options: { idempotencyKey: "key" } });
      assert.deepEqual(outcome, {
        inserted: false,
        existing: taskRecord("a", { options: { idempotencyKey: "key" } }),
      });
      assert.equal(await store.task("b"), undefined);
    },
  },
  {
    name: "an idempotency key stays taken after its task has settled",
    async run({ run, settle, queue }) {
      await run("a", { options: { idempotencyKey: "key" } });
      await settle("a");
      const outcome = await queue("b", { options: { idempotencyKey: "key" } });
      assert.ok("existing" in outcome);
      assert.equal(outcome.existing.id, "a");
      assert.equal(outcome.existing.status, "completed");
    },
  },
  {
    name: "another session may use the same idempotency key",
    async run({ queue }) {
      const options = { idempotencyKey: "key" };
      assert.deepEqual(await queue("a", { options }), { inserted: true });
      assert.deepEqual(await queue("b", { options, session: "t" }), { inserted: true });
    },
  },
  {
    name: "an insert with the fence of nobody is refused",
    async run({ store, queue, run, apply, rival }) {
      assert.deepEqual(await run("a", { fence: "nobody#1" }), { inserted: false, lost: true });
      await apply({ type: "depose", fence: rival });
      assert.deepEqual(await queue("b", { fence: rival }), { inserted: false, lost: true });
      assert.equal(await store.task("a"), undefined);
      assert.equal(await store.task("b"), undefined);
    },
  },
  {
    name: "a task that is there already is not stored again",
    async run({ store, queue }) {
      await queue("a");
      const outcome = await queue("a", { title: "other" });
      assert.ok("existing" in outcome);
      assert.deepEqual(outcome.existing, taskRecord("a"));
      assert.deepEqual(await store.task("a"), taskRecord("a"));
      assert.deepEqual(await queue("a", { session: "t" }), { inserted: false, lost: true });
      assert.equal((await store.tasks({ session: "t", limit: 10 })).length, 0);
    },
  },
  {
    name: "options that the caller changes afterwards are not changed in the store",
    async run({ store, apply }) {
      const after: string[] = [];
      const options = { ...defaultOptions, after };
      const task = { ...taskRecord("a"), options };
      await apply({ type: "insert", task });
      options.priority = 9;
      after.push("x");
      task.title = "changed";
      assert.deepEqual(await store.task("a"), taskRecord("a"));
    },
  },
];
