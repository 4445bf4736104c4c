import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";

export interface Checkpoints extends AsyncDisposable {
  readonly saver: BaseCheckpointSaver;
}

/** Threads outlive the process: in PostgreSQL where a URL is given, else in a file of SQLite. */
export async function openCheckpoints(file: string, url: string | undefined): Promise<Checkpoints> {
  if (url) {
    const saver = PostgresSaver.fromConnString(url);
    await saver.setup();
    return { saver, [Symbol.asyncDispose]: () => saver.end() };
  }
  const database = new DatabaseSync(file);
  return {
    saver: new SqliteSaver(asBetterSqlite(database)),
    [Symbol.asyncDispose]: async () => database.close(),
  };
}

/**
 * `SqliteSaver.fromConnString` wants better-sqlite3, which is built when it is installed. This
 * example runs where nothing was built: the SQLite of Node, in the shape that the saver calls.
 */
function asBetterSqlite(database: DatabaseSync): ConstructorParameters<typeof SqliteSaver>[0] {
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
  return shaped as unknown as ConstructorParameters<typeof SqliteSaver>[0];
}
