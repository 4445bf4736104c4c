import type { Benchmark, Measures } from "../harness/benchmark.ts";

/** The start of a program on a store that has grown. */
export const benchmark: Benchmark = {
  title: "Opening a store (SQLite FULL)",
  rounds: 5,
  async prepare({ prepared, quick }) {
    const { fillStore } = await import("../work/fill-store.ts");
    await fillStore(prepared, { done: quick ? 20_000 : 1_000_000, open: 10_000 });
  },
  contenders: {
    grown: ({ prepared }) => open(prepared),
    empty: ({ folder }) => open(folder),
  },
  lines: [
    {
      what: "with 1,000,000 tasks done and 10,000 open",
      unit: "ms",
      ours: { contender: "grown", measure: "open" },
      beside: { name: "an empty one", contender: "empty", measure: "open" },
      goal: { atMost: 50, of: "value" },
    },
  ],
};

async function open(folder: string): Promise<Measures> {
  const { openDurable } = await import("../work/open-durable.ts");
  const begun = performance.now();
  const manager = await openDurable(folder, 8);
  const openMs = performance.now() - begun;
  await manager.close();
  return { open: openMs };
}
