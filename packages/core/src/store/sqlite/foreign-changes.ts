import type { Clock } from "../../clock/clock.ts";
import type { ForeignChange } from "../store.ts";
import type { DatabaseAccess } from "./operations.ts";
import { joinPeers, type Peers } from "./peers.ts";

/** Notices what other processes commit, and tells them what this one does. */
export interface ForeignChanges {
  /** Tells the others of a commit of this process. Never waits, never fails. */
  tell(change: ForeignChange): void;
  subscribe(listener: (change: ForeignChange) => void): () => void;
  close(): Promise<void>;
}

const pollMs = 1_000;

/**
 * Peers ping each other. A slow look at the database's own counter of foreign commits backs that
 * up: for a process that cannot be reached, and where sockets are not to be had at all.
 */
export async function foreignChanges(
  access: DatabaseAccess,
  path: string,
  clock: Clock,
): Promise<ForeignChanges> {
  const listeners = new Set<(change: ForeignChange) => void>();
  let cancelPoll: (() => void) | undefined;
  let version: number | undefined;
  let pinged = false;
  let peers: Peers | undefined;
  try {
    peers = await joinPeers(path, (change) => {
      pinged = true;
      publish(change);
    });
  } catch {
    // Without sockets others are noticed later, not never.
  }

  return {
    tell: (change) => peers?.tell(change),
    subscribe(listener) {
      // Its own function, so that the same listener given twice is told twice.
      const told = (change: ForeignChange) => listener(change);
      listeners.add(told);
      if (listeners.size === 1) {
        version = undefined;
        void poll();
      }
      return () => {
        listeners.delete(told);
        if (listeners.size === 0) cancelPoll?.();
      };
    },
    async close() {
      listeners.clear();
      cancelPoll?.();
      await peers?.close();
    },
  };

  function arm(): void {
    if (listeners.size > 0) cancelPoll = clock.timer(() => void poll(), pollMs, false);
  }

  async function poll(): Promise<void> {
    const last = version;
    try {
      version = await access.ask("foreignVersion");
    } catch {
      // Whoever reads or commits next is told what is wrong with the store.
    }
    const missed = last !== undefined && version !== last && !pinged;
    pinged = false;
    arm();
    if (missed) publish("all");
  }

  function publish(change: ForeignChange): void {
    for (const listener of [...listeners]) listener(change);
  }
}
