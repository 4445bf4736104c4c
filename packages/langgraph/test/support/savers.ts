import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { type BaseCheckpointSaver, MemorySaver } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { sqliteSaver } from "./sqlite-saver.ts";

export interface OpenSaver extends AsyncDisposable {
  readonly saver: BaseCheckpointSaver;
}

export interface SaverKind {
  readonly name: string;
  /** Why it cannot be tested here. */
  readonly missing?: string;
  open(): Promise<OpenSaver>;
}

const url = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
const postgresMissing = await probePostgres();
if (postgresMissing !== undefined) console.warn(`SKIPPED: ${postgresMissing}`);

/** The checkpointers that people use. */
export const savers: readonly SaverKind[] = [
  {
    name: "MemorySaver",
    open: async () => ({ saver: new MemorySaver(), [Symbol.asyncDispose]: async () => {} }),
  },
  {
    name: "SqliteSaver",
    async open() {
      const database = new DatabaseSync(":memory:");
      return {
        saver: sqliteSaver(database),
        [Symbol.asyncDispose]: async () => database.close(),
      };
    },
  },
  {
    name: "PostgresSaver",
    ...(postgresMissing !== undefined && { missing: postgresMissing }),
    async open() {
      const schema = `meanwhile_${randomUUID().replaceAll("-", "")}`;
      const saver = PostgresSaver.fromConnString(url, { schema });
      await saver.setup();
      return {
        saver,
        async [Symbol.asyncDispose]() {
          await query(saver, `DROP SCHEMA "${schema}" CASCADE`);
          await saver.end();
        },
      };
    },
  },
];

export const durabilities = ["async", "sync", "exit"] as const;

async function probePostgres(): Promise<string | undefined> {
  const saver = PostgresSaver.fromConnString(url);
  try {
    await query(saver, "SELECT 1");
    return undefined;
  } catch {
    return "no PostgreSQL: set DATABASE_URL, or run one: docker run -e POSTGRES_HOST_AUTH_METHOD=trust -p 5432:5432 postgres";
  } finally {
    await saver.end();
  }
}

function query(saver: PostgresSaver, text: string): Promise<unknown> {
  return (saver as unknown as { pool: { query(text: string): Promise<unknown> } }).pool.query(text);
}
