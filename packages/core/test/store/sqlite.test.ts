import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "vitest";
import { sqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { testStore } from "../../src/testing/index.ts";

const paths = new WeakMap<Store, string>();

for (const thread of ["auto", "worker"] as const) {
  const open = (path: string): Store => {
    const store = sqliteStore({ path, thread });
    paths.set(store, path);
    return store;
  };
  testStore({
    name: `sqlite, thread ${thread}`,
    test,
    create: () => open(join(mkdtempSync(join(tmpdir(), "meanwhile-store-")), "state.db")),
    reopen: (store) => open(paths.get(store) as string),
    remove: (store) => rmSync(dirname(paths.get(store) as string), { recursive: true }),
  });
}
