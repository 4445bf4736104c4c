import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";

/** `begin-turn` and `end-turn`. */
export const turnScenarios: readonly Scenario[] = [
  {
    name: "the turn of a session is held by one owner, once",
    async run({ apply, fence, rival }) {
      const begin = (by: string, session = "s") =>
        apply({ type: "begin-turn", session, fence: by });
      const end = (by: string, session = "s") => apply({ type: "end-turn", session, fence: by });
      assert.equal(await begin(fence), true);
      assert.equal(await begin(fence), false);
      assert.equal(await begin(rival), false);
      assert.equal(await begin(rival, "t"), true);
      assert.equal(await end(rival), false);
      assert.equal(await end(fence), true);
      assert.equal(await end(fence), false);
      assert.equal(await begin(rival), true);
    },
  },
  {
    name: "the turn of a deposed owner is free, and it can neither begin nor end one",
    async run({ apply, fence, rival }) {
      await apply({ type: "begin-turn", session: "s", fence: rival });
      await apply({ type: "depose", fence: rival });
      assert.equal(await apply({ type: "end-turn", session: "s", fence: rival }), false);
      assert.equal(await apply({ type: "begin-turn", session: "t", fence: rival }), false);
      assert.equal(await apply({ type: "begin-turn", session: "s", fence }), true);
    },
  },
  {
    name: "a turn outlives the session's last task",
    async run({ apply, run, settle, fence, rival }) {
      await run("a");
      await apply({ type: "begin-turn", session: "s", fence });
      await settle("a", { notification: null });
      await apply({
        type: "purge",
        completedBefore: Number.POSITIVE_INFINITY,
        failedBefore: 0,
        keep: 0,
        limit: 9,
      });
      assert.equal(await apply({ type: "begin-turn", session: "s", fence: rival }), false);
      assert.equal(await apply({ type: "end-turn", session: "s", fence }), true);
    },
  },
];
