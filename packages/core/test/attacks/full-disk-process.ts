/**
 * A manager whose disk is full: `node full-disk-process.ts <directory> <label> <moment>`. A small
 * file system is mounted at `disk` in the directory. Reports in one line of JSON.
 */
import { closeSync, existsSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  BackgroundManager,
  type CommandOutput,
  command,
  type MeanwhileError,
  type TaskHandle,
} from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { anyCommand } from "../command/any-command.ts";
import { measured } from "./measured.ts";

const [directory = "", label = "", moment = ""] = process.argv.slice(2);
const disk = join(directory, "disk");
const ballast = join(disk, "ballast");
const manager = new BackgroundManager({
  store: sqliteStore({ path: join(moment === "store" ? disk : directory, "state.db") }),
  directory: disk,
  tasks: [command],
  commands: anyCommand(label),
});
const session = manager.session("attacked");
const start = (script: string): Promise<TaskHandle<CommandOutput>> =>
  session.start(command, { argv: ["sh", "-c", script, directory] });
const calm = async (): Promise<object> => endOf(await start("echo calm"));

const moments: Readonly<Record<string, () => Promise<object>>> = {
  /** A command prints more than there is room for. */
  async output() {
    const flood = await start("head -c 10000000 /dev/zero; exit 3");
    const end = await endOf(flood);
    return { end, printed: (await flood.output({ maxBytes: 8_000_000 })).text.length };
  },

  /** There is no room for the record of a command. */
  async record() {
    fill();
    const end = await endOf(await start('echo ran >>"$0/ran"'));
    rmSync(ballast);
    return { end, ran: existsSync(join(directory, "ran")) };
  },

  /** Not even a folder can be made. */
  async folder() {
    const taken: string[] = [];
    try {
      for (;;) {
        const file = join(disk, `taken-${taken.length}`);
        closeSync(openSync(file, "wx"));
        taken.push(file);
      }
    } catch {
      // Now.
    }
    const end = await endOf(await start('echo ran >>"$0/ran"'));
    for (const file of taken) rmSync(file);
    return { end, ran: existsSync(join(directory, "ran")) };
  },

  /** The store itself is on that disk. */
  async store() {
    const running = await start(': >"$0/up"; while [ ! -e "$0/go" ]; do sleep 0.01; done; exit 3');
    while (!existsSync(join(directory, "up"))) await turn();
    fill();
    // Some fit into pages that the store has already.
    const refusals: unknown[] = [];
    while (refusals.length < 3) {
      await start("exit 0").catch(({ code }) => refusals.push(code));
      if (refusals.length === 0) fill();
    }
    writeFileSync(join(directory, "go"), "");
    const full = new Promise((resolve) => manager.on("store-error", resolve));
    const { code } = ((await full) as { readonly error: MeanwhileError }).error;
    rmSync(ballast);
    return { refusals, settling: code, end: await endOf(running) };
  },
};

await calm();
const { value, ...costs } = await measured(async () => ({
  ...(await moments[moment]?.()),
  after: await calm(),
}));
await manager.close();
process.stdout.write(`${JSON.stringify({ costs, ...value })}\n`);

/** Writes until not one more byte can be written. */
function fill(): void {
  const file = openSync(ballast, "a");
  for (let size = 65_536; size >= 1; size /= 16) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size));
    } catch {
      // Then less of it.
    }
  }
  closeSync(file);
}

async function endOf(task: TaskHandle<CommandOutput>): Promise<object> {
  return task.result().catch(({ code, details }: MeanwhileError) => ({ code, details }));
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
