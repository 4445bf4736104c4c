import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Benchmark, Contender, Line, Measures, Setting } from "../harness/benchmark.ts";
import { milliseconds } from "../work/timing.ts";

const megabyte = 1_000_000;

/** Prints so many bytes, as fast as it can. */
const printers = {
  zeros: (bytes: number) => `exec head -c ${bytes} /dev/zero`,
  lines: (bytes: number) => `yes 'a line of output like many others' | head -c ${bytes}`,
} as const;

type Kind = keyof typeof printers;

export const benchmark: Benchmark = {
  title: "Capturing 2 GB of output",
  contenders: Object.fromEntries(
    (["zeros", "lines"] as const).flatMap((kind): [string, Contender][] => [
      [`meanwhile, ${kind}`, (setting) => measure(setting, kind, viaCore)],
      [`> file, ${kind}`, (setting) => measure(setting, kind, redirected)],
      [`execa to a file, ${kind}`, (setting) => measure(setting, kind, viaExeca)],
    ]),
  ),
  lines: [
    ...(["zeros", "lines"] as const).flatMap((kind): Line[] => [
      {
        what: `${kind}, MB`,
        unit: "per second",
        ours: { contender: `meanwhile, ${kind}`, measure: "speed" },
        beside: { name: "`command > file`", contender: `> file, ${kind}`, measure: "speed" },
        goal: { atLeast: 0.9 },
      },
      {
        what: `${kind}, MB`,
        unit: "per second",
        ours: { contender: `meanwhile, ${kind}`, measure: "speed" },
        beside: {
          name: "execa's `stdout: { file }`",
          contender: `execa to a file, ${kind}`,
          measure: "speed",
        },
      },
    ]),
    {
      what: "CPU of the host for each GB of lines",
      unit: "s",
      ours: { contender: "meanwhile, lines", measure: "cpu" },
      beside: { name: "execa", contender: "execa to a file, lines", measure: "cpu" },
      goal: { atMost: 0.01, of: "value" },
    },
    {
      what: "more memory of the host meanwhile",
      unit: "MB",
      ours: { contender: "meanwhile, lines", measure: "memory" },
      beside: { name: "execa", contender: "execa to a file, lines", measure: "memory" },
      goal: { atMost: 10, of: "value" },
    },
  ],
};

type Print = (script: string) => Promise<unknown>;

async function measure(
  setting: Setting,
  kind: Kind,
  prepare: (setting: Setting, bytes: number) => Promise<Print>,
): Promise<Measures> {
  const bytes = (setting.quick ? 200 : 2_000) * megabyte;
  const print = await prepare(setting, bytes);
  await print(printers[kind](megabyte));
  const before = process.memoryUsage.rss();
  let most = before;
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 100);
  const cpuBefore = process.cpuUsage();
  const elapsedMs = await milliseconds(() => print(printers[kind](bytes)));
  const { user, system } = process.cpuUsage(cpuBefore);
  clearInterval(sampler);
  return {
    speed: bytes / megabyte / (elapsedMs / 1_000),
    cpu: (user + system) / 1_000_000 / (bytes / 1e9),
    memory: (most - before) / megabyte,
  };
}

async function viaCore({ folder }: Setting, bytes: number): Promise<Print> {
  const { command } = await import("@meanwhile/core");
  const { shellSession } = await import("../work/run-commands.ts");
  const session = await shellSession(folder, 1, bytes + 2 * megabyte);
  return async (script) => (await session.start(command, { argv: ["sh", "-c", script] })).result();
}

async function redirected({ folder }: Setting): Promise<Print> {
  let number = 0;
  return (script) =>
    new Promise((resolve, reject) => {
      const file = openSync(`${folder}/output-${++number}`, "w");
      const child = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", file, "ignore"] });
      closeSync(file);
      child.on("error", reject);
      child.on("exit", resolve);
    });
}

async function viaExeca({ folder }: Setting): Promise<Print> {
  const { execa } = await import("execa");
  let number = 0;
  return (script) =>
    execa("/bin/sh", ["-c", script], {
      stdin: "ignore",
      stdout: { file: `${folder}/output-${++number}` },
      buffer: false,
    });
}
