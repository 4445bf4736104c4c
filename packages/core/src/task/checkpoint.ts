import { decodeJson, encodeJson } from "../schema/json-value.ts";
import type { Attempt } from "./attempt.ts";
import type { TaskContext } from "./context.ts";

const longestBytes = 1024 * 1024;

/** What a task keeps for its next attempt. */
export function checkpointOf(attempt: Attempt): TaskContext["checkpoint"] {
  return {
    read: () => (attempt.checkpoint === undefined ? undefined : decodeJson(attempt.checkpoint)),
    async save(value) {
      attempt.refuseWhenConcluded("save a checkpoint");
      const text = encodeJson(value, { maxBytes: longestBytes, what: "The checkpoint" });
      await attempt.saveCheckpoint(text);
    },
  };
}
