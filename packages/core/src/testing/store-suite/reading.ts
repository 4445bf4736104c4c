import assert from "node:assert/strict";
import { type Fixture, notificationRecord, type Scenario, start } from "./scenario.ts";

/** `task`, `tasks`, `notifications`, `messages` and `sessions`. */
export const readingScenarios: readonly Scenario[] = [
  {
    name: "tasks are listed oldest first, by session, by status and by fence",
    async run(fixture) {
      const { queue, run, settle, rival } = fixture;
      await queue("a");
      await run("b");
      await run("c", { session: "t" });
      await run("d", { fence: rival });
      await queue("e", { session: "t" });
      await settle("b");
      assert.deepEqual(await ids(fixture, {}), ["a", "b", "c", "d", "e"]);
      assert.deepEqual(await ids(fixture, { session: "s" }), ["a", "b", "d"]);
      assert.deepEqual(await ids(fixture, { session: "nowhere" }), []);
      assert.deepEqual(await ids(fixture, { status: ["running"] }), ["c", "d"]);
      assert.deepEqual(await ids(fixture, { status: ["queued", "completed"] }), ["a", "b", "e"]);
      assert.deepEqual(await ids(fixture, { status: [] }), []);
      assert.deepEqual(await ids(fixture, { fence: rival }), ["d"]);
      assert.deepEqual(await ids(fixture, { session: "t", status: ["queued"] }), ["e"]);
      assert.deepEqual(await ids(fixture, { session: "s", fence: rival, status: ["failed"] }), []);
    },
  },
  {
    name: "held tasks are those with a fence: what runs, and what waits for one owner",
    async run(fixture) {
      const { queue, run, settle, fence } = fixture;
      await queue("a");
      await run("b");
      await run("c", { session: "t" });
      await queue("d", { fence, options: { ephemeral: true } });
      await run("e");
      await settle("e");
      assert.deepEqual(await ids(fixture, { held: true }), ["b", "c", "d"]);
      assert.deepEqual(await ids(fixture, { held: true, session: "t" }), ["c"]);
      assert.deepEqual(await ids(fixture, { held: true, status: ["queued"] }), ["d"]);
      assert.deepEqual(await ids(fixture, { held: true, limit: 1, after: "b" }), ["c"]);
    },
  },
  {
    name: "a task is found by its idempotency key, in its own session only",
    async run(fixture) {
      const { queue } = fixture;
      await queue("a", { options: { idempotencyKey: "key" } });
      await queue("b", { session: "t", options: { idempotencyKey: "key" } });
      await queue("c");
      const keyed = { idempotencyKey: "key" };
      assert.deepEqual(await ids(fixture, { ...keyed, session: "s" }), ["a"]);
      assert.deepEqual(await ids(fixture, { ...keyed, session: "t" }), ["b"]);
      assert.deepEqual(await ids(fixture, { ...keyed, session: "u" }), []);
      assert.deepEqual(await ids(fixture, { idempotencyKey: "other", session: "s" }), []);
    },
  },
  {
    name: "a list goes on after the last task of the page before, also when that has settled",
    async run(fixture) {
      const { queue, claim, settle } = fixture;
      const all = Array.from({ length: 7 }, (_, index) => `t${index}`);
      for (const id of all) await queue(id, { session: id === "t3" ? "t" : "s" });
      assert.deepEqual(await ids(fixture, { limit: 3 }), ["t0", "t1", "t2"]);
      assert.deepEqual(await ids(fixture, { limit: 3, after: "t2" }), ["t3", "t4", "t5"]);
      assert.deepEqual(await ids(fixture, { limit: 3, after: "t5" }), ["t6"]);
      assert.deepEqual(await ids(fixture, { limit: 3, after: "t6" }), []);
      assert.deepEqual(await ids(fixture, { limit: 0 }), []);
      await claim({ limit: 1 });
      await settle("t0");
      assert.deepEqual(await ids(fixture, { session: "s", status: ["queued"], after: "t0" }), [
        "t1",
        "t2",
        "t4",
        "t5",
        "t6",
      ]);
      assert.deepEqual(await ids(fixture, { session: "s", after: "t2", limit: 1 }), ["t4"]);
    },
  },
  {
    name: "a list is the same while tasks of the session are deleted from it",
    async run(fixture) {
      const { run, settle, apply } = fixture;
      for (let index = 0; index < 100; index++) await run(`t${index}`);
      for (let index = 0; index < 100; index += 3) {
        await settle(`t${index}`, { notification: null, at: start + index });
      }
      await apply({
        type: "purge",
        completedBefore: start + 90,
        failedBefore: 0,
        keep: 99,
        limit: 99,
      });
      const left = Array.from({ length: 100 }, (_, index) => index)
        .filter((index) => index % 3 !== 0 || index >= 90)
        .map((index) => `t${index}`);
      assert.deepEqual(await ids(fixture, { session: "s" }), left);
      assert.deepEqual(
        await ids(fixture, { session: "s", after: "t50" }),
        left.slice(left.indexOf("t50") + 1),
      );
    },
  },
  {
    name: "notifications come with their tasks, in order, up to the limit",
    async run({ store, run, settle, lease }) {
      for (const id of ["a", "b", "c"]) {
        await run(id);
        await settle(id, { output: `"${id}"` });
      }
      await lease(["n-a"], "t");
      const list = async (limit: number, leased: boolean) =>
        (await store.notifications({ session: "s", limit, now: start, leased })).map(
          ({ notification, task }) => `${notification.id} ${task.output}`,
        );
      assert.deepEqual(await list(9, false), ['n-b "b"', 'n-c "c"']);
      assert.deepEqual(await list(1, false), ['n-b "b"']);
      assert.deepEqual(await list(2, true), ['n-a "a"', 'n-b "b"']);
      assert.deepEqual(await list(0, true), []);
      assert.deepEqual(await store.notifications({ session: "none", limit: 9, now: start }), []);
    },
  },
  {
    name: "the sessions with queued tasks or notifications are summarised, or the one that is named",
    async run({ store, queue, run, settle, lease, apply }) {
      await queue("a", { session: "queued" });
      await run("b", { session: "running" });
      await run("c", { session: "owed" });
      await settle("c", { notification: notificationRecord("n-c", "c", { session: "owed" }) });
      await run("d", { session: "leased" });
      await settle("d", { notification: notificationRecord("n-d", "d", { session: "leased" }) });
      await lease(["n-d"], "t", { session: "leased" });
      await run("e", { session: "done" });
      await settle("e", { notification: notificationRecord("n-e", "e", { session: "done" }) });
      await apply({ type: "consume", session: "done", taskId: "e" });
      const all = await store.sessions(start);
      assert.deepEqual(all.map((one) => one.session).sort(), ["leased", "owed", "queued"]);
      assert.deepEqual(
        all.find((one) => one.session === "owed"),
        { session: "owed", queued: 0, pending: 1, pendingFailures: 0 },
      );
      assert.deepEqual(await store.sessions(start, "running"), [
        { session: "running", queued: 0, pending: 0, pendingFailures: 0 },
      ]);
      assert.deepEqual(await store.sessions(start, "unheard of"), [
        { session: "unheard of", queued: 0, pending: 0, pendingFailures: 0 },
      ]);
    },
  },
  {
    name: "what was handed out does not change when the store does",
    async run({ store, queue, claim, settle, apply, fence }) {
      await queue("a");
      const queued = await store.task("a");
      const [listed] = await store.tasks({ limit: 1 });
      await claim();
      await apply({ type: "update", id: "a", fence, attempt: 1, facts: { checkpoint: "[1]" } });
      const running = await store.task("a");
      await settle("a");
      const [owed] = await store.notifications({ session: "s", limit: 1, now: start });
      await apply({
        type: "lease",
        session: "s",
        ids: ["n-a"],
        token: "t",
        fence,
        until: start + 9,
        now: start,
      });
      assert.equal(queued?.status, "queued");
      assert.equal(listed?.status, "queued");
      assert.equal(running?.status, "running");
      assert.deepEqual(running?.facts, { checkpoint: "[1]" });
      assert.equal(owed?.notification.deliveries, 0);
      assert.equal(owed?.task.status, "completed");
    },
  },
  {
    name: "who changes what was handed out does not change the store",
    async run({ store, run, settle, apply, fence }) {
      await run("a", { facts: { progress: { completed: 1 } } });
      const error = { code: "ERROR", message: "m", details: { depth: 1 } };
      await settle("a", {
        status: "failed",
        error,
        notification: notificationRecord("n-a", "a", { kind: "failed", error }),
      });
      await apply({ type: "message", id: "a", session: "s", text: "hello" });
      const read = async () => [
        await store.task("a"),
        await store.tasks({ limit: 9 }),
        await store.notifications({ session: "s", limit: 9, now: start }),
        await store.messages("a", 0),
        await store.owners(),
      ];
      const before = JSON.stringify(await read());
      error.details.depth = 2;
      spoil(await read());
      assert.equal(JSON.stringify(await read()), before);
      assert.equal(await apply({ type: "renew", fence, until: start + 30_000 }), true);
    },
  },
];

async function ids({ store }: Fixture, query: object): Promise<readonly string[]> {
  return (await store.tasks({ limit: 100, ...query })).map((task) => task.id);
}

/** Overwrites everything within reach, as far as it lets itself be overwritten. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    spoil(Reflect.get(value, key));
    Reflect.set(value, key, "spoiled");
  }
}
