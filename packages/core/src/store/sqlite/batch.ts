import type { OwnerRecord } from "../store.ts";
import type { Connection } from "./connection.ts";
import type { Row } from "./rows.ts";

/** What the changes of one commit share. Lives within its transaction. */
export interface Batch extends Pick<Connection, "statement"> {
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
export function beginBatch({ statement }: Connection): Batch {
  const owners = new Map<string, OwnerRecord>();
  for (const owner of readOwners({ statement })) owners.set(owner.fence, owner);
  return {
    statement,
    owners,
    touched: new Set(),
    touchedAny: false,
    hasDependencies: statement("SELECT 1 FROM dependencies LIMIT 1").get() !== undefined,
  };
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
