import assert from "node:assert/strict";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { MeanwhileError } from "../../src/errors.ts";
import { type SqliteStoreOptions, sqliteStore } from "../../src/sqlite.ts";
import { mayDamageLog, setJournalMode } from "../../src/store/sqlite/journal-mode.ts";
import type { Outcomes } from "../../src/store/store.ts";
import { start, taskRecord } from "../../src/testing/store-suite/scenario.ts";
import { canMount, withOwnMount } from "./own-mount.ts";
import { startProcess } from "./start-process.ts";
import { openStore, temporaryFolder } from "./temporary-folder.ts";

test("the store and its folder are for this user alone", async () => {
  const folder = join(temporaryFolder(), "made", "for it");
  const path = join(folder, "state.db");
  const store = await openStore(path);
  await store.commit([{ type: "insert", task: taskRecord("a") }]);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  assert.ok(files.includes("state.db"));
  for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
});

test("a folder that was there keeps its mode", async () => {
  const folder = join(temporaryFolder(), "shared");
  mkdirSync(folder, { mode: 0o755 });
  await openStore(join(folder, "state.db"));
  assert.equal(statSync(folder).mode & 0o777, 0o755);
});

test("a file that is not a store is refused, and left as it is", async () => {
  const path = join(temporaryFolder(), "state.db");
  const content = "This is somebody's diary. ".repeat(400);
  writeFileSync(path, content);
  await assert.rejects(open(path), isError("STORE_CORRUPT"));
  assert.equal(readFileSync(path, "utf8"), content);
});

test("a damaged file is reported as such, by the first who comes across the damage", async () => {
  const path = join(temporaryFolder(), "state.db");
  const store = await openStore(path);
  await store.commit(
    Array.from({ length: 500 }, (_, index) => ({
      type: "insert",
      task: taskRecord(`t${index}`),
    })),
  );
  await store.close();
  const size = statSync(path).size;
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(size - 8_192, 0xab), 0, size - 8_192, 8_192);
  closeSync(file);
  await assert.rejects(async () => {
    const damaged = await openStore(path);
    await damaged.tasks({ limit: 1_000 });
  }, isError("STORE_CORRUPT"));
});

test("a file that was cut off is reported as damaged", async () => {
  const path = join(temporaryFolder(), "state.db");
  const store = await openStore(path);
  await store.commit([{ type: "insert", task: taskRecord("a") }]);
  await store.close();
  truncateSync(path, 10_000);
  await assert.rejects(async () => {
    const damaged = await openStore(path);
    await damaged.commit([{ type: "insert", task: taskRecord("b") }]);
    await damaged.tasks({ limit: 10 });
  }, isError("STORE_CORRUPT"));
});

test("a store of a newer version is refused, and left as it is", async () => {
  const path = join(temporaryFolder(), "state.db");
  await (await openStore(path)).close();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 1000");
  await assert.rejects(open(path), isError("STORE_TOO_NEW"));
  assert.equal(database.prepare("PRAGMA user_version").get()?.["user_version"], 1_000);
  database.close();
});

test("a store cannot be where there is a folder, nor inside a file", async () => {
  const folder = temporaryFolder();
  await assert.rejects(open(folder), isError("STORE"));
  writeFileSync(join(folder, "file"), "");
  await assert.rejects(open(join(folder, "file", "state.db")), isError("STORE"));
});

test("a store that another process keeps locked is reported after the timeout, nothing written", async () => {
  const path = join(temporaryFolder(), "state.db");
  const store = await openStore(path, { busyTimeoutMs: 10 });
  const blocker = new DatabaseSync(path);
  blocker.exec("BEGIN IMMEDIATE");
  const change = { type: "insert", task: taskRecord("a") } as const;
  await assert.rejects(store.commit([change]), isError("STORE"));
  assert.equal(await store.task("a"), undefined);
  blocker.exec("ROLLBACK");
  blocker.close();
  assert.deepEqual(await store.commit([change]), [{ inserted: true }]);
});

test("an error in the middle of a batch leaves nothing of it", async () => {
  const path = join(temporaryFolder(), "state.db");
  const store = await openStore(path);
  const broken = { ...taskRecord("b"), title: null } as never;
  await assert.rejects(
    store.commit([
      { type: "insert", task: taskRecord("a") },
      { type: "insert", task: broken },
    ]),
    isError("STORE"),
  );
  assert.equal(await store.task("a"), undefined);
  assert.deepEqual(await store.commit([{ type: "insert", task: taskRecord("a") }]), [
    { inserted: true },
  ]);
});

test("a store that is not open, or closed again, says so", async () => {
  const path = join(temporaryFolder(), "state.db");
  const store = sqliteStore({ path });
  await assert.rejects(store.task("a"), isError("CLOSED"));
  const opened = await openStore(path);
  await opened.close();
  await opened.close();
  await assert.rejects(opened.commit([]), isError("CLOSED"));
});

const bad: readonly (readonly [string, object])[] = [
  ["no path", {}],
  ["an empty path", { path: "" }],
  ["a path with a NUL", { path: "a\0b" }],
  ["a mode that is none", { path: "a", synchronous: "off; DROP TABLE tasks" }],
  ["a negative timeout", { path: "a", busyTimeoutMs: -1 }],
  ["a timeout that is no number", { path: "a", busyTimeoutMs: Number.NaN }],
];

test.each(bad)("options with %s are refused", (_, options) => {
  assert.throws(() => sqliteStore(options as SqliteStoreOptions), isError("INVALID_OPTION"));
});

test("a damaged value takes down nothing but its task, which says what cannot be read", async () => {
  const path = join(temporaryFolder(), "state.db");
  const store = await openStore(path);
  const [registered] = (await store.commit([
    { type: "register", owner: "one", identity: "", until: start },
  ])) as [Outcomes["register"]];
  assert.ok(registered.registered);
  const { fence } = registered.owner;
  const facts = { checkpoint: "[1]" };
  for (const id of ["options", "facts", "whole"]) {
    const options = { priority: 1, timeoutMs: 5 };
    await store.commit([{ type: "insert", task: taskRecord(id, { facts, options }) }]);
  }
  const database = new DatabaseSync(path);
  database.exec(`UPDATE tasks SET options = '{"priority":' WHERE id = 'options'`);
  database.exec("UPDATE tasks SET facts = '7', options = x'00ff' WHERE id = 'facts'");
  database.close();

  const listed = await store.tasks({ session: "s", limit: 10 });
  assert.deepEqual(
    listed.map((task) => [task.id, task.facts]),
    [
      ["options", { checkpoint: "[1]", unreadable: "options" }],
      ["facts", { unreadable: "options, facts" }],
      ["whole", facts],
    ],
  );
  const [claimed] = (await store.commit([
    { type: "claim", session: "s", limit: 9, fence, names: ["work"], now: start },
  ])) as [Outcomes["claim"]];
  assert.deepEqual(
    claimed.tasks.map((task) => task.facts?.unreadable),
    ["options", "options, facts", undefined],
  );
  const outcomes = await store.commit(
    claimed.tasks.map(({ id }) => ({
      type: "settle",
      id,
      fence,
      attempt: 1,
      status: "failed",
      output: null,
      error: { code: "STORE_CORRUPT", message: "damaged" },
      at: start,
      notification: null,
    })),
  );
  assert.deepEqual(outcomes, [true, true, true]);
});

test.each([
  ["3.6.23", false],
  ["3.7.0", true],
  ["3.44.5", true],
  ["3.44.6", false],
  ["3.45.0", true],
  ["3.47.2", true],
  ["3.50.6", true],
  ["3.50.7", false],
  ["3.51.2", true],
  ["3.51.3", false],
  ["3.53.4", false],
  ["4.0.0", false],
])("SQLite %s may damage a log that several processes use: %s", (version, expected) => {
  assert.equal(mayDamageLog(version), expected);
});

test("an SQLite that may damage a log keeps none", () => {
  const path = join(temporaryFolder(), "state.db");
  const database = new DatabaseSync(path);
  setJournalMode(database, "3.47.2");
  assert.equal(database.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "truncate");
  setJournalMode(database, "3.53.4");
  assert.equal(database.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "wal");
  const other = new DatabaseSync(path);
  other.prepare("PRAGMA user_version").get();
  assert.throws(() => setJournalMode(database, "3.47.2"), isError("STORE_UNSUPPORTED"));
  other.close();
  database.close();
});

test.runIf(canMount())(
  "a full disk refuses a commit with nothing of it written, and the store goes on once there is room",
  async () => {
    const folder = temporaryFolder();
    const mount = withOwnMount(folder, { bytes: 1_500_000 });
    const filler = startProcess("fill", join(folder, "state.db"), mount);
    assert.equal(await filler.next(), "STORE_FULL");
    assert.equal(await filler.next(), true);
    filler.process.stdin?.write("go\n");
    assert.deepEqual(await filler.rest(), ["completed"]);
  },
);

test.runIf(canMount())("a store on a read-only disk is refused at once", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "state.db");
  const prepare = `"$1" "$2" touch "$4" && rm -rf "$4.peers" && mount -o remount,ro "$0"`;
  const mount = withOwnMount(folder, { bytes: 4_000_000, afterwards: prepare });
  const toucher = startProcess("touch", path, mount);
  assert.deepEqual(await toucher.rest(), ["toucher#1", "STORE_READ_ONLY"]);
});

async function open(path: string): Promise<void> {
  await openStore(path);
}

function isError(code: MeanwhileError["code"]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(MeanwhileError.isInstance(error), String(error));
    expect(error.code).toBe(code);
    return true;
  };
}
