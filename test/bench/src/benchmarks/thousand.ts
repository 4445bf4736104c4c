import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Benchmark, Line, Measures, Setting } from "../harness/benchmark.ts";
import { milliseconds } from "../work/timing.ts";

const program = "true";

/** Hand-written, as in many tutorials: a thread for each command, a shell, a list of results. */
const python = `
import subprocess, sys, threading, time
results, lock, left = [], threading.Lock(), threading.Semaphore(8)
def run(index):
    with left:
        done = subprocess.run("true", shell=True, capture_output=True, text=True, timeout=300)
    with lock:
        results.append((index, done.returncode, (done.stdout + done.stderr)[:500]))
began = time.monotonic()
threads = [threading.Thread(target=run, args=(index,)) for index in range(int(sys.argv[1]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(results) / (time.monotonic() - began))
`;

const folders = (process.env["PATH"] ?? "").split(delimiter);
const hasPython = folders.some((folder) => existsSync(join(folder, "python3")));

export const benchmark: Benchmark = {
  title: "1,000 times `true`, offered at once, 8 run at a time",
  manyFiles: true,
  contenders: {
    async meanwhile(setting) {
      const { command, commandPolicy } = await import("@meanwhile/core");
      const { openManager } = await import("../work/open-manager.ts");
      const { sqliteStore } = await import("@meanwhile/core/sqlite");
      const { folder } = setting;
      const commands = commandPolicy({
        root: folder,
        commands: { [program]: { arguments: [[]] } },
      });
      const store = sqliteStore({ path: `${folder}/state.db` });
      const manager = await openManager(folder, 8, { commands, store, tasks: [command] });
      const session = manager.session("bench");
      return measure(setting, (count) =>
        Promise.all(
          Array.from({ length: count }, async () =>
            (await session.start(command, { argv: [program] })).result(),
          ),
        ),
      );
    },
    spawn: (setting) => measure(setting, spawnAll),
    ...(hasPython ? { python: viaPython } : {}),
  },
  lines: [
    line({ name: "bare `spawn`, nothing kept", contender: "spawn" }),
    ...(hasPython
      ? [
          line(
            { name: "threads and `subprocess.run(shell=True)` in Python", contender: "python" },
            { atLeast: 0.9 },
          ),
        ]
      : []),
  ],
};

function line(
  beside: { readonly name: string; readonly contender: string },
  goal?: Line["goal"],
): Line {
  return {
    what: "policy, SQLite FULL, durable wrapper, notification",
    unit: "per second",
    ours: { contender: "meanwhile", measure: "speed" },
    beside: { ...beside, measure: "speed" },
    ...(goal === undefined ? {} : { goal }),
  };
}

async function viaPython({ quick }: Setting): Promise<Measures> {
  return { speed: Number(await output("python3", ["-c", python, String(commands(quick))])) };
}

function commands(quick: boolean): number {
  return quick ? 100 : 1_000;
}

async function measure(
  { quick }: Setting,
  run: (count: number) => Promise<unknown>,
): Promise<Measures> {
  await run(20);
  const count = commands(quick);
  return { speed: (count * 1_000) / (await milliseconds(() => run(count))) };
}

async function spawnAll(count: number): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    for (; left > 0; ) {
      left -= 1;
      await new Promise((resolve, reject) => {
        const child = spawn(`/bin/${program}`, { stdio: "ignore" });
        child.on("error", reject);
        child.on("exit", resolve);
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

function output(file: string, argv: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}
