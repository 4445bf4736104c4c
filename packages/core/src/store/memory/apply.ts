import type { Change, Outcome } from "../store.ts";
import { ack, consume, lease, release } from "./notification-changes.ts";
import { beginTurn, depose, endTurn, register, renew } from "./owner-changes.ts";
import { purge } from "./purge.ts";
import type { MemoryState } from "./state.ts";
import {
  adopt,
  cancel,
  claim,
  insert,
  message,
  notify,
  requeue,
  settle,
  update,
} from "./task-changes.ts";

/** Applies one change, or refuses it and leaves everything as it was. */
export function applyChange(state: MemoryState, change: Change): Outcome {
  switch (change.type) {
    case "insert":
      return insert(state, change);
    case "settle":
      return settle(state, change);
    case "consume":
      return consume(state, change);
    case "claim":
      return claim(state, change);
    case "lease":
      return lease(state, change);
    case "ack":
      return ack(state, change);
    case "release":
      return release(state, change);
    case "update":
      return update(state, change);
    case "requeue":
      return requeue(state, change);
    case "adopt":
      return adopt(state, change);
    case "cancel":
      return cancel(state, change);
    case "message":
      return message(state, change);
    case "notify":
      return notify(state, change);
    case "begin-turn":
      return beginTurn(state, change);
    case "end-turn":
      return endTurn(state, change);
    case "register":
      return register(state, change);
    case "renew":
      return renew(state, change);
    case "depose":
      return depose(state, change);
    case "purge":
      return purge(state, change);
  }
}
