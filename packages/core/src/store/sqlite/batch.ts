import type { OwnerRecord } from "../store.ts";
import type { Connection, RowOfTask } from "./connection.ts";
import type { Row } from "./rows.ts";

/** What the changes of one commit share. Lives within its transaction. */
export interface Batch extends Pick<Connection, "statement" | "started"> {
  /** The registered owners, by fence. */
  readonly owners: Map<string, OwnerRecord>;
  /** Sessions that something changed in. */
  readonly touched: Set<string>;
  /** True when it changed what belongs to sessions that are not known. */
  touchedAny: boolean;
  /** False as long as no open task waits for another, or ever waited: saves two looks a settle. */
  hasDependencies: boolean;
}

/** To be called once the transaction has begun: what it reads holds until the end. */
export function beginBatch({ statement, started }: Connection): Batch {
  const owners = new Map<string, OwnerRecord>();
  for (const owner of readOwners({ statement })) owners.set(owner.fence, owner);
  return {
    statement,
    started,
    owners,
    touched: new Set(),
    touchedAny: false,
    hasDependencies: statement("SELECT 1 FROM dependencies LIMIT 1").get() !== undefined,
  };
}

const mostStarted = 10_000;

/** Remembers where a task is that starts here; forgets them all rather than growing for ever. */
export function noteStarted({ started }: Batch, id: string, row: RowOfTask): void {
  if (started.size >= mostStarted) started.clear();
  started.set(id, row);
}

export function readOwners({ statement }: Pick<Connection, "statement">): OwnerRecord[] {
  const rows = statement("SELECT owner, epoch, fence, until, identity FROM owners").all();
  return (rows as Row[]).map((row) => ({
    owner: row["owner"] as string,
    epoch: row["epoch"] as number,
    fence: row["fence"] as string,
    until: row["until"] as number,
    identity: row["identity"] as string,
  }));
}
