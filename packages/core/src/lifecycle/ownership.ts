import { MeanwhileError } from "../errors.ts";
import type { Engine } from "../manager/engine.ts";
import type { OwnerRecord } from "../store/store.ts";
import type { Stop } from "../task/attempt.ts";
import { timeAfter } from "../task/durations.ts";
import { isDead, ownIdentity } from "./process-identity.ts";
import { recoverOrphans } from "./recovery.ts";

/** This manager's lease on what it runs. Everything it holds carries the lease's fence. */
export interface Ownership {
  readonly fence: string;
  /**
   * Registers. A former holder of the name that is dead or whose lease ran out is deposed.
   * @throws MeanwhileError `OWNER_IN_USE`
   */
  acquire(): Promise<void>;
  /** A write was refused: looks whether the lease still holds, and takes a new one if not. */
  suspect(): Promise<void>;
  /** Deposes the owners that are dead or overdue. Resolves true if there was one. */
  deposeOthers(): Promise<boolean>;
  release(): Promise<void>;
}

export function createOwnership(engine: Engine): Ownership {
  const { leaseMs } = engine.options;
  let fence = "";
  let owner = "";
  let cancelRenewal: (() => void) | undefined;
  let renewedAt = 0;
  let renewing: Promise<void> | undefined;
  let knownOwners = "";

  async function acquire(): Promise<void> {
    owner = engine.options.owner ?? engine.id("m_");
    for (;;) {
      const outcome = await engine.journal.commit<"register">({
        type: "register",
        owner,
        identity: ownIdentity(),
        until: timeAfter(engine.clock.now(), leaseMs),
      });
      if (outcome.registered) {
        fence = outcome.owner.fence;
        renewedAt = engine.clock.monotonic();
        scheduleRenewal();
        return;
      }
      if (!isOverdue(outcome.holder)) {
        throw new MeanwhileError(
          "OWNER_IN_USE",
          `A manager named ${JSON.stringify(owner)} has this store open. Give each manager its own owner name, or none.`,
        );
      }
      await engine.journal.commit<"depose">({ type: "depose", fence: outcome.holder.fence });
    }
  }

  function isOverdue(other: OwnerRecord): boolean {
    return other.until < engine.clock.now() || isDead(other.identity);
  }

  function scheduleRenewal(): void {
    cancelRenewal?.();
    cancelRenewal = engine.alarms.after(leaseMs / 3, () => void renew(), false);
  }

  function renew(): Promise<void> {
    renewing ??= renewOnce().finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  async function renewOnce(): Promise<void> {
    if (engine.closing) return;
    const late = engine.clock.monotonic() - renewedAt - leaseMs / 3;
    if (late > leaseMs / 3) engine.events.emit({ type: "lease-late", lateMs: late });
    try {
      const until = timeAfter(engine.clock.now(), leaseMs);
      const held = await engine.journal.commit<"renew">({ type: "renew", fence, until });
      if (held) renewedAt = engine.clock.monotonic();
      else {
        const tasks = engine.attempts.size;
        stopEverything();
        await acquire();
        engine.events.emit({ type: "lease-lost", owner, tasks });
        await engine.mirror.refreshAll();
      }
      await patrol();
    } catch (error) {
      engine.events.emit({ type: "store-error", error });
    }
    if (!engine.closing) scheduleRenewal();
  }

  function stopEverything(): void {
    const reason = new MeanwhileError(
      "LEASE_LOST",
      "This manager gave no sign of life for longer than its lease, so another may have taken its tasks over. Its results are not recorded.",
    );
    engine.attempts.stopAll((): Stop => ({ kind: "lost", reason }));
    engine.turns.lost(reason);
  }

  /** Looks for dead owners, and for tasks that a dead one left and nobody has dealt with. */
  async function patrol(): Promise<void> {
    const deposed = await deposeOthers();
    const fences = (await engine.store.owners()).map((other) => other.fence);
    // Word of what others wrote may be lost, or late; nobody is to wait for ever because of that.
    if (fences.length > 1) engine.mirror.foreign("all");
    const owners = fences.join();
    if (!deposed && owners === knownOwners) return;
    knownOwners = owners;
    await recoverOrphans(engine);
    // What it would have run next is anybody's now.
    await engine.mirror.refreshAll();
  }

  async function deposeOthers(): Promise<boolean> {
    let deposed = false;
    for (const other of await engine.store.owners()) {
      if (other.fence === fence || !isOverdue(other)) continue;
      const done = await engine.journal.commit<"depose">({ type: "depose", fence: other.fence });
      deposed ||= done;
    }
    return deposed;
  }

  return {
    get fence() {
      return fence;
    },
    acquire,
    suspect: () => (engine.closing ? Promise.resolve() : renew()),
    deposeOthers,
    async release() {
      cancelRenewal?.();
      await renewing;
      await engine.journal.commit<"depose">({ type: "depose", fence });
    },
  };
}
