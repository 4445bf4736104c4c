import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";

/** SqliteSaver wants a database of better-sqlite3, whose add-on need not be built: Node has one. */
export function sqliteSaver(database: DatabaseSync): SqliteSaver {
  const shaped = {
    pragma: (text: string) => database.prepare(`PRAGMA ${text}`).all(),
    exec: (text: string) => database.exec(text),
    prepare(text: string) {
      const statement = database.prepare(text);
      return {
        get: (...values: SQLInputValue[]) => statement.get(...values),
        all: (...values: SQLInputValue[]) => statement.all(...values),
        run: (...values: (SQLInputValue | undefined)[]) =>
          statement.run(...values.map((value) => value ?? null)),
      };
    },
    transaction:
      (work: (...values: unknown[]) => unknown) =>
      (...values: unknown[]) => {
        database.exec("BEGIN");
        try {
          const result = work(...values);
          database.exec("COMMIT");
          return result;
        } catch (error) {
          database.exec("ROLLBACK");
          throw error;
        }
      },
  };
  return new SqliteSaver(shaped as unknown as ConstructorParameters<typeof SqliteSaver>[0]);
}
