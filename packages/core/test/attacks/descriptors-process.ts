/**
 * A manager whose process runs out of file descriptors:
 * `node descriptors-process.ts <directory> <label> <moment>`. Reports in one line of JSON.
 */
import { closeSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { BackgroundManager, command, type TaskHandle } from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { anyCommand } from "../command/any-command.ts";
import { measured } from "./measured.ts";

const [directory = "", label = "", moment = ""] = process.argv.slice(2);
const manager = new BackgroundManager({
  // On its own thread, which has files of its own, it would begin when the disk turns out slow.
  store: sqliteStore({ path: join(directory, "state.db"), thread: "main" }),
  directory,
  tasks: [command],
  commands: anyCommand(label),
  limits: { concurrency: 30, perSession: { concurrency: 30 } },
});
const session = manager.session("attacked");
const start = (script: string): Promise<TaskHandle<unknown>> =>
  session.start(command, { argv: ["sh", "-c", script] });

// Opens the store, and what Node opens once.
await (await session.start(() => 1)).result();
if (moment !== "first") await (await start("echo ready")).result();
const before = countOpen();

const { value, ...costs } = await measured(async () => {
  const tasks = [];
  const script = moment === "cancel" ? "sleep 600" : "sleep 0.5; echo done";
  let taken: readonly number[] = [];
  let exhausted: unknown;
  const exhaust = (): void => {
    [taken, exhausted] = takeAll();
  };
  if (moment === "first" || moment === "warm") exhaust();
  for (let index = 0; index < 30; index += 1) tasks.push(await start(script));
  if (moment === "running" || moment === "cancel") {
    for (const task of tasks) while ((await task.snapshot()).containment === null) await turn();
    exhaust();
  }
  const cancelled = moment === "cancel" ? tasks.map((task) => task.cancel()) : [];
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const descriptor of taken) closeSync(descriptor);
  const ends = await Promise.all(tasks.map(endOf));
  await Promise.all(cancelled);
  return { ends, exhausted };
});
const leaked = countOpen() - before;
await manager.close();
process.stdout.write(`${JSON.stringify({ costs, ...value, leaked })}\n`);

/** Opens files until it cannot open any more, and says why it cannot. */
function takeAll(): [readonly number[], unknown] {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync("/dev/null", "r"));
    } catch (error) {
      return [taken, (error as NodeJS.ErrnoException).code];
    }
  }
}

async function endOf(task: TaskHandle<unknown>): Promise<string> {
  return task.result().then(
    () => "completed",
    (error) => error.code,
  );
}

function countOpen(): number {
  return readdirSync("/proc/self/fd").length;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
