import type { Change, Outcome } from "../store.ts";
import type { Batch } from "./batch.ts";

type Of<Type extends Change["type"]> = Extract<Change, { type: Type }>;

export function register(batch: Batch, change: Of<"register">): Outcome<"register"> {
  const { owner, until, identity } = change;
  for (const holder of batch.owners.values()) {
    if (holder.owner === owner) return { registered: false, holder };
  }
  const row = batch
    .statement(
      `INSERT INTO epochs (owner, epoch) VALUES (?, 1)
       ON CONFLICT (owner) DO UPDATE SET epoch = epoch + 1 RETURNING epoch`,
    )
    .get(owner);
  const epoch = row?.["epoch"] as number;
  const registered = { owner, epoch, fence: `${owner}#${epoch}`, until, identity };
  batch
    .statement("INSERT INTO owners (fence, owner, epoch, until, identity) VALUES (?, ?, ?, ?, ?)")
    .run(registered.fence, owner, epoch, until, identity);
  batch.owners.set(registered.fence, registered);
  return { registered: true, owner: registered };
}

export function renew(batch: Batch, { fence, until }: Of<"renew">): boolean {
  const owner = batch.owners.get(fence);
  if (owner === undefined) return false;
  batch.statement("UPDATE owners SET until = ? WHERE fence = ?").run(until, fence);
  batch.owners.set(fence, { ...owner, until });
  return true;
}

/** Turns and leases of the owner are freed here, so that nobody else must ask whether they count. */
export function depose(batch: Batch, { fence }: Of<"depose">): boolean {
  if (!batch.owners.delete(fence)) return false;
  batch.statement("DELETE FROM owners WHERE fence = ?").run(fence);
  batch.statement("DELETE FROM turns WHERE fence = ?").run(fence);
  batch
    .statement(
      `UPDATE notifications SET token = NULL, fence = NULL, until = NULL
       WHERE token IS NOT NULL AND fence = ?`,
    )
    .run(fence);
  batch.touchedAny = true;
  return true;
}

export function beginTurn(batch: Batch, { session, fence }: Of<"begin-turn">): boolean {
  if (!batch.owners.has(fence)) return false;
  const { changes } = batch
    .statement("INSERT INTO turns (session, fence) VALUES (?, ?) ON CONFLICT DO NOTHING")
    .run(session, fence);
  if (changes === 0) return false;
  batch.touched.add(session);
  return true;
}

export function endTurn(batch: Batch, { session, fence }: Of<"end-turn">): boolean {
  if (!batch.owners.has(fence)) return false;
  const { changes } = batch
    .statement("DELETE FROM turns WHERE session = ? AND fence = ?")
    .run(session, fence);
  if (changes === 0) return false;
  batch.touched.add(session);
  return true;
}
