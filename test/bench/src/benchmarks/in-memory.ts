import type { Benchmark, Measures, Setting } from "../harness/benchmark.ts";
import { nextTurn, perSecond } from "../work/timing.ts";

const warmUp = 10_000;

/** All tasks are offered at once; each contender runs so many of them at a time. */
const atATime = [10, 100];

type Run = (tasks: number) => Promise<void>;

export const benchmark: Benchmark = {
  title: "No-op async functions, in memory",
  contenders: Object.fromEntries(
    atATime.flatMap(
      (limit) =>
        [
          [`meanwhile, ${limit}`, (setting) => measure(setting, meanwhile(setting.folder, limit))],
          [`p-queue, ${limit}`, (setting) => measure(setting, pQueue(limit))],
          [`p-queue with timeout, ${limit}`, (setting) => measure(setting, pQueue(limit, 60_000))],
          [`fastq, ${limit}`, (setting) => measure(setting, fastq(limit))],
        ] satisfies [string, Benchmark["contenders"][string]][],
    ),
  ),
  lines: atATime.flatMap((limit) =>
    [
      { peer: "p-queue", goal: { atLeast: 1.5 } },
      { peer: "p-queue with timeout", goal: { atLeast: 3 } },
      { peer: "fastq", goal: undefined },
    ].map(({ peer, goal }) => ({
      what: `tasks, ${limit} at a time`,
      unit: "per second" as const,
      ours: { contender: `meanwhile, ${limit}`, measure: "tasks" },
      beside: { name: peer, contender: `${peer}, ${limit}`, measure: "tasks" },
      ...(goal === undefined ? {} : { goal }),
    })),
  ),
};

async function measure({ quick }: Setting, prepare: Promise<Run>): Promise<Measures> {
  const tasks = quick ? 20_000 : 100_000;
  const run = await prepare;
  await run(warmUp);
  return { tasks: await perSecond(tasks, () => run(tasks)) };
}

/** Every task gets an id, a status, a signal if it asks for one, and a notification when it ends. */
async function meanwhile(folder: string, limit: number): Promise<Run> {
  const { openManager } = await import("../work/open-manager.ts");
  const session = (await openManager(folder, limit)).session("bench");
  let expected = 0;
  return async (tasks) => {
    expected += tasks;
    for (let number = 0; number < tasks; number += 1) void session.start(async () => number);
    while (session.notifications.pending() < expected) await nextTurn();
  };
}

async function pQueue(limit: number, timeout?: number): Promise<Run> {
  const { default: PQueue } = await import("p-queue");
  const queue = new PQueue(
    timeout === undefined ? { concurrency: limit } : { concurrency: limit, timeout },
  );
  return async (tasks) => {
    for (let number = 0; number < tasks; number += 1) void queue.add(async () => number);
    await queue.onIdle();
  };
}

async function fastq(limit: number): Promise<Run> {
  const { default: create } = await import("fastq");
  const queue = create.promise((task: () => Promise<number>) => task(), limit);
  return async (tasks) => {
    for (let number = 0; number < tasks; number += 1) void queue.push(async () => number);
    await queue.drained();
  };
}
