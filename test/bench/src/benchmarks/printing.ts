import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Benchmark, Measures, Setting } from "../harness/benchmark.ts";
import { pause } from "../work/timing.ts";

const commands = 50;
const atATime = 8;
const printed = 10_000_000;
const script = `yes 'a line of output like many others' | head -c ${printed}`;

type Run = () => Promise<unknown>;

export const benchmark: Benchmark = {
  title: `${commands} commands that print 10 MB each, ${atATime} at once`,
  contenders: {
    meanwhile: async (setting) => measure(setting, await viaCore(setting)),
    execa: async (setting) => measure(setting, await viaExeca()),
    idle: async (setting) => measure(setting, () => pause(20)),
  },
  lines: [
    {
      what: "delay of the event loop, p99",
      unit: "ms",
      ours: { contender: "meanwhile", measure: "delay" },
      beside: { name: "execa", contender: "execa", measure: "delay" },
      goal: { atMost: 0.15 },
    },
    {
      what: "delay of the event loop, p99",
      unit: "ms",
      ours: { contender: "meanwhile", measure: "delay" },
      beside: { name: "idle", contender: "idle", measure: "delay" },
      goal: { atMost: 5 },
    },
    {
      what: "most memory",
      unit: "MB",
      ours: { contender: "meanwhile", measure: "memory" },
      beside: { name: "execa", contender: "execa", measure: "memory" },
    },
  ],
};

async function measure({ quick }: Setting, run: Run): Promise<Measures> {
  await run();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let most = 0;
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  delay.enable();
  let left = quick ? commands / 5 : commands;
  const lane = async (): Promise<void> => {
    for (; left > 0; ) {
      left -= 1;
      await run();
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  delay.disable();
  clearInterval(sampler);
  return { delay: delay.percentile(99) / 1e6, memory: most / 1e6 };
}

async function viaCore({ folder }: Setting): Promise<Run> {
  const { command } = await import("@meanwhile/core");
  const { shellSession } = await import("../work/run-commands.ts");
  const session = await shellSession(folder, atATime, 2 * printed);
  return async () => (await session.start(command, { argv: ["sh", "-c", script] })).result();
}

/** Its default: what is printed becomes a text in memory. */
async function viaExeca(): Promise<Run> {
  const { execa } = await import("execa");
  return () => execa("/bin/sh", ["-c", script], { stdin: "ignore" });
}
