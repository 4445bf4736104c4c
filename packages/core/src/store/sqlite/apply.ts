import type { Change, Outcome } from "../store.ts";
import type { Batch } from "./batch.ts";
import { claim } from "./claim.ts";
import { ack, consume, lease, release } from "./notification-changes.ts";
import { beginTurn, depose, endTurn, register, renew } from "./owner-changes.ts";
import { purge } from "./purge.ts";
import { adopt, cancel, insert, message, notify, requeue, settle, update } from "./task-changes.ts";

/** Applies one change, or refuses it and leaves everything as it was. */
export function applyChange(batch: Batch, change: Change): Outcome {
  switch (change.type) {
    case "insert":
      return insert(batch, change);
    case "settle":
      return settle(batch, change);
    case "consume":
      return consume(batch, change);
    case "claim":
      return claim(batch, change);
    case "lease":
      return lease(batch, change);
    case "ack":
      return ack(batch, change);
    case "release":
      return release(batch, change);
    case "update":
      return update(batch, change);
    case "requeue":
      return requeue(batch, change);
    case "adopt":
      return adopt(batch, change);
    case "cancel":
      return cancel(batch, change);
    case "message":
      return message(batch, change);
    case "notify":
      return notify(batch, change);
    case "begin-turn":
      return beginTurn(batch, change);
    case "end-turn":
      return endTurn(batch, change);
    case "register":
      return register(batch, change);
    case "renew":
      return renew(batch, change);
    case "depose":
      return depose(batch, change);
    case "purge":
      return purge(batch, change);
  }
}
