import assert from "node:assert/strict";
import type { ForeignChange, Store } from "../../store/store.ts";
import { type Fixture, start, taskRecord } from "./scenario.ts";

type Reopen = (store: Store) => Store | Promise<Store>;

/** For a store that others can open: what survives, and what is noticed. */
export const persistenceScenarios: readonly {
  readonly name: string;
  readonly run: (fixture: Fixture, reopen: Reopen) => Promise<void>;
}[] = [
  {
    name: "everything that was committed is there when the data is opened again",
    async run({ store, clock, queue, run, settle, lease, apply, fence }, reopen) {
      await queue("a", { options: { priority: 1, idempotencyKey: "key" } });
      await run("b", { facts: { checkpoint: "[1]" } });
      await queue("c", { options: { after: ["b"] } });
      await apply({ type: "message", id: "b", session: "s", text: "hello" });
      await run("d");
      await settle("d");
      await lease(["n-d"], "t");
      await apply({ type: "begin-turn", session: "s", fence });
      const read = async (from: Store) => [
        await from.tasks({ limit: 9 }),
        await from.notifications({ session: "s", limit: 9, now: start, leased: true }),
        await from.messages("b", 0),
        await from.sessions(start),
        await from.owners(),
      ];
      const before = await read(store);
      await store.close();
      await withAnother(await reopen(store), clock, async (again) => {
        assert.deepEqual(await read(again), before);
        const outcomes = await again.commit([
          { type: "begin-turn", session: "s", fence },
          { type: "claim", session: "s", limit: 9, fence, names: ["work"], now: start },
          { type: "ack", session: "s", ids: ["n-d"], token: "t", fence },
        ]);
        assert.equal(outcomes[0], false);
        assert.equal(outcomes[2], true);
        assert.equal((await again.task("a"))?.status, "running");
        assert.equal((await again.task("c"))?.status, "queued");
      });
    },
  },
  {
    name: "two that have the data open see each other's commits, and share the epochs",
    async run({ store, clock, queue, claim }, reopen) {
      await queue("a");
      await withAnother(await reopen(store), clock, async (other) => {
        const [registered] = await other.commit([
          { type: "register", owner: "three", identity: "", until: start },
        ]);
        assert.ok(typeof registered === "object" && "owner" in registered);
        const { fence } = registered.owner;
        const [claimed] = await other.commit([
          { type: "claim", session: "s", limit: 1, fence, names: ["work"], now: start },
        ]);
        assert.ok(typeof claimed === "object" && "tasks" in claimed);
        assert.equal(claimed.tasks[0]?.id, "a");
        assert.deepEqual(await claim(), []);
        assert.equal((await store.owners()).length, 3);
        assert.equal((await store.task("a"))?.fence, fence);
      });
    },
  },
  {
    name: "a subscriber hears which session another store committed to, and nothing of its own",
    async run({ store, clock, queue }, reopen) {
      await withAnother(await reopen(store), clock, async (other) => {
        const heard = nextChange(store);
        const echoed: ForeignChange[] = [];
        const unsubscribe = other.subscribe((change) => echoed.push(change));
        await other.commit([{ type: "insert", task: taskRecord("a", { session: "chat" }) }]);
        const change = await heard;
        assert.ok(change === "all" || change.has("chat"));
        unsubscribe();
        await queue("b");
        assert.ok(!echoed.some((one) => one !== "all" && one.has("chat")));
      });
    },
  },
];

async function withAnother(
  other: Store,
  clock: Parameters<Store["open"]>[0]["clock"],
  use: (other: Store) => Promise<void>,
): Promise<void> {
  try {
    await other.open({ clock });
    await use(other);
  } finally {
    await other.close();
  }
}

function nextChange(store: Store): Promise<ForeignChange> {
  return new Promise((resolve) => {
    const unsubscribe = store.subscribe((change) => {
      unsubscribe();
      resolve(change);
    });
  });
}
