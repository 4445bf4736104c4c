import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type SqliteStoreOptions, sqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { type VirtualClock, virtualClock } from "../../src/testing/index.ts";

/** A folder that is removed when the test has finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "meanwhile-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An open store that is closed when the test has finished. */
export async function openStore(
  path: string,
  options: Partial<SqliteStoreOptions> & { readonly clock?: VirtualClock } = {},
): Promise<Store> {
  const { clock = virtualClock(), ...others } = options;
  const store = sqliteStore({ path, synchronous: "normal", ...others });
  await store.open({ clock });
  onTestFinished(() => store.close());
  return store;
}
