import type { Change, Outcome } from "../store.ts";
import { dropEmptySession, type MemoryState, sessionEntry } from "./state.ts";

type Of<Type extends Change["type"]> = Extract<Change, { type: Type }>;

export function register(state: MemoryState, change: Of<"register">): Outcome<"register"> {
  const last = state.epochs.get(change.owner) ?? 0;
  const holder = state.owners.get(`${change.owner}#${last}`);
  if (holder !== undefined) return { registered: false, holder };
  const epoch = last + 1;
  const owner = Object.freeze({
    owner: change.owner,
    epoch,
    fence: `${change.owner}#${epoch}`,
    until: change.until,
    identity: change.identity,
  });
  state.epochs.set(owner.owner, epoch);
  state.owners.set(owner.fence, owner);
  return { registered: true, owner };
}

export function renew(state: MemoryState, change: Of<"renew">): boolean {
  const owner = state.owners.get(change.fence);
  if (owner === undefined) return false;
  state.owners.set(owner.fence, Object.freeze({ ...owner, until: change.until }));
  return true;
}

/** Turns and notification leases of a fence that is not registered count as free: nothing to undo. */
export function depose(state: MemoryState, change: Of<"depose">): boolean {
  return state.owners.delete(change.fence);
}

export function beginTurn(state: MemoryState, change: Of<"begin-turn">): boolean {
  if (!state.owners.has(change.fence)) return false;
  const session = sessionEntry(state, change.session);
  if (session.turn !== null && state.owners.has(session.turn)) return false;
  session.turn = change.fence;
  return true;
}

export function endTurn(state: MemoryState, change: Of<"end-turn">): boolean {
  const session = state.sessions.get(change.session);
  if (session?.turn !== change.fence || !state.owners.has(change.fence)) return false;
  session.turn = null;
  dropEmptySession(state, session);
  return true;
}
