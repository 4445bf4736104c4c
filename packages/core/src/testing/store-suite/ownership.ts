import assert from "node:assert/strict";
import { type Scenario, start } from "./scenario.ts";

/** `register`, `renew` and `depose`. */
export const ownershipScenarios: readonly Scenario[] = [
  {
    name: "a registered owner has its name, an epoch and the fence made of both",
    async run({ store, apply }) {
      const outcome = await apply({
        type: "register",
        owner: "three #é",
        identity: '{"pid":1}',
        until: start + 5,
      });
      const owner = {
        owner: "three #é",
        epoch: 1,
        fence: "three #é#1",
        until: start + 5,
        identity: '{"pid":1}',
      };
      assert.deepEqual(outcome, { registered: true, owner });
      const owners = await store.owners();
      assert.equal(owners.length, 3);
      assert.deepEqual(
        owners.find((one) => one.owner === "three #é"),
        owner,
      );
    },
  },
  {
    name: "a name that is taken is refused, and the holder named",
    async run({ store, apply, fence }) {
      const outcome = await apply({ type: "register", owner: "one", identity: "x", until: start });
      assert.ok(!outcome.registered);
      assert.deepEqual(outcome.holder, {
        owner: "one",
        epoch: 1,
        fence,
        until: start + 30_000,
        identity: "identity of one",
      });
      assert.equal((await store.owners()).length, 2);
    },
  },
  {
    name: "a lease that has run out is still the holder's until it is deposed",
    async run({ apply, run, fence }) {
      await apply({ type: "renew", fence, until: start - 1 });
      const again = await apply({ type: "register", owner: "one", identity: "x", until: start });
      assert.equal(again.registered, false);
      assert.deepEqual(await run("a"), { inserted: true });
    },
  },
  {
    name: "each holder of a name has the next epoch, and the fence of the last one stays void",
    async run({ apply, run, fence }) {
      for (const epoch of [2, 3]) {
        assert.equal(await apply({ type: "depose", fence: `one#${epoch - 1}` }), true);
        const next = await apply({ type: "register", owner: "one", identity: "", until: start });
        assert.ok(next.registered);
        assert.equal(next.owner.epoch, epoch);
        assert.equal(next.owner.fence, `one#${epoch}`);
      }
      assert.deepEqual(await run("a", { fence }), { inserted: false, lost: true });
      assert.deepEqual(await run("a", { fence: "one#3" }), { inserted: true });
    },
  },
  {
    name: "a lease is renewed by its fence",
    async run({ store, apply, fence }) {
      assert.equal(await apply({ type: "renew", fence, until: start + 99_000 }), true);
      assert.equal(await apply({ type: "renew", fence: "nobody#1", until: start }), false);
      const owner = (await store.owners()).find((one) => one.fence === fence);
      assert.equal(owner?.until, start + 99_000);
    },
  },
  {
    name: "a deposed owner is gone from the list, its tasks keep its fence",
    async run({ store, apply, run, queue, rival }) {
      await run("a", { fence: rival });
      await queue("b", { fence: rival, options: { ephemeral: true } });
      assert.equal(await apply({ type: "depose", fence: rival }), true);
      assert.equal(await apply({ type: "depose", fence: rival }), false);
      assert.deepEqual(
        (await store.owners()).map((one) => one.owner),
        ["one"],
      );
      const left = await store.tasks({ fence: rival, limit: 9 });
      assert.deepEqual(
        left.map((task) => [task.id, task.status]),
        [
          ["a", "running"],
          ["b", "queued"],
        ],
      );
    },
  },
];
