import { statfsSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem, type } from "node:os";
import { DatabaseSync } from "node:sqlite";
import Database from "better-sqlite3";

/** Numbers from statfs(2) for the file systems where a benchmark's files usually are. */
const fileSystems = new Map([
  [0xef53, "ext4"],
  [0x9123683e, "btrfs"],
  [0x58465342, "xfs"],
  [0x01021994, "tmpfs, in memory: fsync costs nothing here"],
  [0x794c7630, "overlayfs"],
]);

/** One paragraph that says where and when the figures were made. */
export function describeMachine(): string {
  const cores = availableParallelism();
  const load = loadavg()[0] as number;
  const parts = [
    `${cores} × ${cpus()[0]?.model.trim() ?? "unknown processor"}`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    `${type()} ${release()}`,
    `files on ${fileSystem()} (${tmpdir()})`,
    `Node ${process.versions.node}`,
    `SQLite ${version(new DatabaseSync(":memory:"))} (node:sqlite), ${version(new Database(":memory:"))} (better-sqlite3)`,
    new Date().toISOString().slice(0, 10),
  ];
  const busy =
    load > cores / 2 ? `\n\n**The machine was busy** (load ${load.toFixed(1)}): expect noise.` : "";
  return `${parts.join("; ")}.${busy}`;
}

function fileSystem(): string {
  const { type: number } = statfsSync(tmpdir());
  return fileSystems.get(number) ?? `file system 0x${number.toString(16)}`;
}

function version(database: { prepare(sql: string): { get(): unknown }; close(): unknown }): string {
  const row = database.prepare("SELECT sqlite_version() AS version").get() as { version: string };
  database.close();
  return row.version;
}
