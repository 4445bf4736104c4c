/**
 * A process with a manager that is killed while its commands run:
 * node command-child.ts <directory> <label>. Says `ready` once it has opened the store, and then
 * starts the commands of stdin, `<name> <exit code> <seconds>` a line; says the name of each that is
 * durable.
 */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BackgroundManager, command } from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { anyCommand } from "../command/any-command.ts";

const [directory = "", label = ""] = process.argv.slice(2);
const manager = new BackgroundManager({
  store: sqliteStore({ path: join(directory, "state.db") }),
  directory,
  tasks: [command],
  commands: anyCommand(label),
  leaseMs: 600,
  limits: { concurrency: 100, perSession: { concurrency: 100 } },
});
const session = manager.session("chat");
await session.list();
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const [name, code, seconds] = line.split(" ");
  const script = `echo once >>"$0/ran-${name}"; echo begin; sleep ${seconds}; echo end; exit ${code}`;
  await session.start(
    command,
    { argv: ["sh", "-c", script, directory] },
    { title: `${name} ${code}`, idempotencyKey: String(name) },
  );
  process.stdout.write(`${name}\n`);
}
