import type { Benchmark } from "../harness/benchmark.ts";
import { heldBytes } from "../work/memory.ts";

const warmUp = 10_000;
const tasks = (quick: boolean): number => (quick ? 20_000 : 100_000);

export const benchmark: Benchmark = {
  title: "Memory of a task that waits",
  contenders: {
    async "meanwhile, closures"({ folder, quick }) {
      const { openManager } = await import("../work/open-manager.ts");
      const session = (await openManager(folder, 1)).session("bench");
      await session.start(() => new Promise(() => {}));
      return grow(tasks(quick), (number) => session.start(async () => number));
    },
    async "p-queue"({ quick }) {
      const { default: PQueue } = await import("p-queue");
      const queue = new PQueue({ concurrency: 1 });
      void queue.add(() => new Promise(() => {}));
      return grow(tasks(quick), (number) => void queue.add(async () => number));
    },
    async "meanwhile, SQLite"({ folder, quick }) {
      const { openManager } = await import("../work/open-manager.ts");
      const { noOp } = await import("../work/no-op.ts");
      const { sqliteStore } = await import("@meanwhile/core/sqlite");
      const store = sqliteStore({ path: `${folder}/state.db` });
      const session = (await openManager(folder, 1, { store, tasks: [noOp] })).session("bench");
      await session.start(() => new Promise(() => {}));
      return grow(tasks(quick), (number) => session.start(noOp, { number }));
    },
  },
  lines: [
    {
      what: "a queued closure",
      unit: "bytes",
      ours: { contender: "meanwhile, closures", measure: "held" },
      beside: { name: "p-queue", contender: "p-queue", measure: "held" },
      goal: { atMost: 0.4 },
    },
    {
      what: "a queued durable task, its row on disk (SQLite FULL)",
      unit: "bytes",
      ours: { contender: "meanwhile, SQLite", measure: "held" },
      goal: { atMost: 100 },
    },
    {
      what: "the same by resident memory, SQLite's cache included",
      unit: "bytes",
      ours: { contender: "meanwhile, SQLite", measure: "resident" },
    },
  ],
};

async function grow(
  count: number,
  add: (number: number) => unknown,
): Promise<{ held: number; resident: number }> {
  await addAll(warmUp, add);
  const heldBefore = await heldBytes();
  const residentBefore = process.memoryUsage.rss();
  await addAll(count, add);
  const held = (await heldBytes()) - heldBefore;
  return { held: held / count, resident: (process.memoryUsage.rss() - residentBefore) / count };
}

/** In portions, so that what a portion leaves behind for the collector stays small. */
async function addAll(count: number, add: (number: number) => unknown): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const added = add(number);
    if (number % 500 === 499) await added;
  }
}
