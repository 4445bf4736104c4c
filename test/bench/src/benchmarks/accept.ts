import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import type { Benchmark } from "../harness/benchmark.ts";
import { median } from "../harness/statistics.ts";
import { milliseconds } from "../work/timing.ts";

const warmUp = 100;

export const benchmark: Benchmark = {
  title: "Accepting durable tasks",
  contenders: {
    async meanwhile({ folder, quick }) {
      const { openDurable } = await import("../work/open-durable.ts");
      const { noOp } = await import("../work/no-op.ts");
      const session = (await openDurable(folder, 1)).session("bench");
      const one = await medianMs(quick ? 100 : 500, (number) => session.start(noOp, { number }));
      const burst = await milliseconds(() =>
        Promise.all(Array.from({ length: 10_000 }, (_, number) => session.start(noOp, { number }))),
      );
      return { one, burst };
    },
    async fdatasync({ folder, quick }) {
      const file = openSync(`${folder}/raw`, "w");
      const page = Buffer.alloc(4_096, 1);
      const one = await medianMs(quick ? 100 : 500, () => {
        writeSync(file, page);
        fdatasyncSync(file);
      });
      closeSync(file);
      return { one };
    },
  },
  lines: [
    {
      what: "one start, FULL",
      unit: "ms",
      ours: { contender: "meanwhile", measure: "one" },
      beside: { name: "write of 4 KB and fdatasync", contender: "fdatasync", measure: "one" },
      goal: { atMost: 2 },
    },
    {
      what: "10,000 starts at once, FULL, until the last is accepted",
      unit: "ms",
      ours: { contender: "meanwhile", measure: "burst" },
      goal: { atMost: 100 },
    },
  ],
};

async function medianMs(count: number, work: (number: number) => unknown): Promise<number> {
  const samples: number[] = [];
  for (let number = 0; number < warmUp + count; number += 1) {
    samples.push(await milliseconds(() => work(number)));
  }
  return median(samples.slice(warmUp));
}
