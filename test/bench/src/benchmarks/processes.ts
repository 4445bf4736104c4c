import { spawn } from "node:child_process";
import type { Benchmark, Line, Measures, Setting } from "../harness/benchmark.ts";

const atATime = 8;
const program = "true";
const path = `/bin/${program}`;
const largeHostBytes = 2 ** 30;

type Start = () => Promise<unknown>;

export const benchmark: Benchmark = {
  title: `Starts of a process, ${atATime} at once`,
  manyFiles: true,
  contenders: {
    meanwhile: async (setting) => measure(setting, 400, await viaCore(setting)),
    spawn: async (setting) => measure(setting, 400, bare),
    execa: async (setting) => measure(setting, 300, await viaExeca()),
    "a shell": async (setting) => measure(setting, 400, viaShell(path)),
    "a shell, output": async (setting) =>
      measure(setting, 400, viaShell(`setsid ${path} | cat >>'${setting.folder}/output'`)),
    async "meanwhile, large host"(setting) {
      const start = await viaCore(setting);
      // What has to be there before the host grows is there after the first commands.
      await startAll(2 * atATime, start);
      return inLargeHost(() => measure(setting, 40, start));
    },
    "spawn, large host": (setting) => inLargeHost(() => measure(setting, 40, bare)),
  },
  lines: [
    line("`command`: policy, wrapper, output to a file, notification", "spawn", "spawn", 1.5),
    line("the same", "execa", "execa", 3.5),
    line("the same", "a shell that is told to start it", "a shell"),
    line("the same", "that shell, with `setsid` and `cat` to a file", "a shell, output"),
    {
      what: "CPU of the main thread for each",
      unit: "µs",
      ours: { contender: "meanwhile", measure: "cpu" },
      beside: { name: "spawn", contender: "spawn", measure: "cpu" },
      goal: { atMost: 0.15 },
    },
    {
      what: "with 1 GB in the host",
      unit: "per second",
      ours: { contender: "meanwhile, large host", measure: "starts" },
      beside: { name: "without it", contender: "meanwhile", measure: "starts" },
      goal: { atLeast: 0.9 },
    },
    {
      what: "with 1 GB in the host",
      unit: "per second",
      ours: { contender: "meanwhile, large host", measure: "starts" },
      beside: { name: "spawn", contender: "spawn, large host", measure: "starts" },
    },
  ],
};

function line(what: string, name: string, contender: string, atLeast?: number): Line {
  return {
    what,
    unit: "per second",
    ours: { contender: "meanwhile", measure: "starts" },
    beside: { name, contender, measure: "starts" },
    ...(atLeast === undefined ? {} : { goal: { atLeast } }),
  };
}

async function viaCore({ folder }: Setting): Promise<Start> {
  const { command, commandPolicy } = await import("@meanwhile/core");
  const { openManager } = await import("../work/open-manager.ts");
  const commands = commandPolicy({ root: folder, commands: { [program]: { arguments: [[]] } } });
  const manager = await openManager(folder, atATime, { commands, tasks: [command] });
  const session = manager.session("bench");
  return async () => (await session.start(command, { argv: [program] })).result();
}

/** Nothing is captured and nobody is told: the least that Node can do. */
function bare(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, { stdio: "ignore" });
    child.on("error", reject);
    child.on("exit", resolve);
  });
}

async function viaExeca(): Promise<Start> {
  const { execa } = await import("execa");
  return () => execa(path);
}

/** The least that a launcher can do: nothing is checked, recorded, limited or contained. */
function viaShell(script: string): Start {
  const { stdin, stdout } = spawn("/bin/sh", ["-s"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {},
  });
  const waiting = new Map<number, (value?: unknown) => void>();
  let number = 0;
  let rest = "";
  stdout.setEncoding("latin1").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) waiting.get(Number(line))?.();
  });
  return () =>
    new Promise((resolve) => {
      number += 1;
      waiting.set(number, resolve);
      stdin.write(`{ ${script}; echo ${number}; } &\n`);
    });
}

async function inLargeHost(run: () => Promise<Measures>): Promise<Measures> {
  const ballast = Buffer.alloc(largeHostBytes, 1);
  const measures = await run();
  if (ballast[0] !== 1) throw new Error("The memory must be there until the end.");
  return measures;
}

async function measure({ quick }: Setting, full: number, start: Start): Promise<Measures> {
  const starts = quick ? full / 5 : full;
  await startAll(Math.ceil(starts / 10), start);
  const cpuBefore = process.threadCpuUsage();
  const begun = performance.now();
  await startAll(starts, start);
  const elapsedMs = performance.now() - begun;
  const { user, system } = process.threadCpuUsage(cpuBefore);
  return { starts: (starts * 1_000) / elapsedMs, cpu: (user + system) / starts };
}

async function startAll(count: number, start: Start): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    for (; left > 0; ) {
      left -= 1;
      await start();
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
}
