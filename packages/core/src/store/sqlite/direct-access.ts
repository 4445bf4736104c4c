import type { TimeSync } from "./commit-all.ts";
import { type ConnectionOptions, openConnection } from "./connection.ts";
import { carryOut, type DatabaseAccess, operationsOn } from "./operations.ts";
import { storageError } from "./storage-error.ts";

/** The database on this thread: nothing is faster, as long as the disk is. */
export async function directAccess(
  options: ConnectionOptions,
  timeSync?: TimeSync,
): Promise<DatabaseAccess> {
  const connection = await openConnection(options);
  const operations = operationsOn(connection, timeSync);
  return {
    // Done before it returns, so that calls apply in the order in which they are made.
    ask(name, ...given) {
      try {
        return Promise.resolve(carryOut(operations, name, given));
      } catch (error) {
        return Promise.reject(storageError(error, options.path));
      }
    },
    async close() {
      connection.database.close();
    },
  };
}
