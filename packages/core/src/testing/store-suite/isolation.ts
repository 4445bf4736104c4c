import assert from "node:assert/strict";
import { notificationRecord, type Scenario, start } from "./scenario.ts";

const strange = ["__proto__", "constructor", "toString", "", " ", "a'b\"c;--", "ß日", "%", "s "];

/** Sessions know nothing of each other, and a name is only a name. */
export const isolationScenarios: readonly Scenario[] = [
  {
    name: "a notification of one session cannot be leased, released, acknowledged or read in another",
    async run({ run, settle, lease, apply, fence, pending }) {
      await run("a");
      await settle("a");
      assert.deepEqual(await lease(["n-a"], "t", { session: "t" }), []);
      assert.deepEqual(await lease(["n-a"], "t"), ["n-a"]);
      const change = { session: "t", ids: ["n-a"], token: "t", fence };
      const absent = { session: "t", ids: ["nothing"], token: "t", fence };
      assert.equal(
        await apply({ type: "ack", ...change }),
        await apply({ type: "ack", ...absent }),
      );
      assert.equal(await apply({ type: "release", ...change }), 0);
      assert.deepEqual(
        await apply({ type: "consume", session: "t", taskId: "a" }),
        await apply({ type: "consume", session: "t", taskId: "nothing" }),
      );
      assert.equal(
        await apply({ type: "release", session: "s", ids: ["n-a"], token: "t", fence }),
        1,
      );
      assert.deepEqual(await pending(), ["n-a"]);
    },
  },
  {
    name: "a claim takes tasks of its own session only",
    async run({ queue, claim }) {
      await queue("a", { session: "t" });
      assert.deepEqual(await claim(), []);
      assert.deepEqual(await claim({ session: "t" }), ["a"]);
    },
  },
  {
    name: "any text without NUL is good as a session, an id, a name, a key or a token",
    async run({ store, queue, claim, settle, lease, apply, fence }) {
      for (const text of strange) {
        const options = { idempotencyKey: text };
        assert.deepEqual(await queue(text, { session: text, name: text, options }), {
          inserted: true,
        });
      }
      for (const text of strange) {
        assert.deepEqual(await claim({ session: text, names: [text] }), [text]);
        await apply({
          type: "update",
          id: text,
          fence,
          attempt: 1,
          facts: { lastError: { code: text, message: text, details: { [text]: text } } },
        });
        assert.equal(
          await settle(text, { notification: notificationRecord(text, text, { session: text }) }),
          true,
        );
        const [owed, ...others] = await store.notifications({
          session: text,
          limit: 9,
          now: start,
        });
        assert.equal(owed?.notification.id, text);
        assert.equal(owed?.task.id, text);
        assert.deepEqual(others, []);
        const details = owed?.task.facts?.lastError?.details ?? {};
        assert.deepEqual(Object.entries(details), [[text, text]]);
        assert.deepEqual(await lease([text], text, { session: text }), [text]);
        assert.equal(
          await apply({ type: "ack", session: text, ids: [text], token: text, fence }),
          true,
        );
      }
      assert.equal((await store.tasks({ limit: 99 })).length, strange.length);
    },
  },
];
