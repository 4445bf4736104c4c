import { randomUUID } from "node:crypto";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";

export interface Postgres {
  /** Why nothing can be tested with it here. */
  readonly missing: string | undefined;
  /** A database of its own, dropped at the end. */
  open(): Promise<AsyncDisposable & { readonly url: string }>;
}

const server = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";

export async function probePostgres(): Promise<Postgres> {
  const missing = await query("SELECT 1").then(
    () => undefined,
    () =>
      "no PostgreSQL: set DATABASE_URL, or run one: docker run -e POSTGRES_HOST_AUTH_METHOD=trust -p 5432:5432 postgres",
  );
  if (missing !== undefined) console.warn(`SKIPPED: ${missing}`);
  return {
    missing,
    async open() {
      const name = `meanwhile_${randomUUID().replaceAll("-", "")}`;
      await query(`CREATE DATABASE ${name}`);
      const url = new URL(server);
      url.pathname = `/${name}`;
      return {
        url: url.href,
        async [Symbol.asyncDispose]() {
          await query(`DROP DATABASE ${name} WITH (FORCE)`);
        },
      };
    },
  };
}

/** Through the pool of the saver, which is the only client of PostgreSQL here. */
async function query(text: string): Promise<void> {
  const saver = PostgresSaver.fromConnString(server);
  try {
    await (saver as unknown as { pool: { query(text: string): Promise<unknown> } }).pool.query(
      text,
    );
  } finally {
    await saver.end();
  }
}
