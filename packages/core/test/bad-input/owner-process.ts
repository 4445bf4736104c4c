/** A manager that starts a task that never ends, says the task's id, and lives until it is killed. */
import { join } from "node:path";
import { BackgroundManager } from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";

const [directory = "", owner = ""] = process.argv.slice(2);
const manager = new BackgroundManager({
  store: sqliteStore({ path: join(directory, "state.db") }),
  directory,
  owner,
});
const task = await manager.session("s").start(() => new Promise(() => {}));
process.stdout.write(`${task.id}\n`);
process.stdin.resume();
