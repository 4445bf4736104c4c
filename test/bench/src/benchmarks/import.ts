import type { Benchmark, Measures } from "../harness/benchmark.ts";
import { heldBytes } from "../work/memory.ts";

const emptyModule: string = "data:text/javascript,export {}";

/** Before the first task: what a program pays for having the package at all. */
export const benchmark: Benchmark = {
  title: "Importing the package",
  rounds: 5,
  contenders: {
    core: () => load(() => import("@meanwhile/core")),
    "core and sqlite": () =>
      load(async () => [await import("@meanwhile/core"), await import("@meanwhile/core/sqlite")]),
    empty: () => load(() => import(emptyModule)),
    "p-queue": () => load(() => import("p-queue")),
    execa: () => load(() => import("execa")),
  },
  lines: [
    ...["empty", "p-queue", "execa"].map((peer) => ({
      what: "`@meanwhile/core`, time",
      unit: "ms" as const,
      ours: { contender: "core", measure: "time" },
      beside: {
        name: peer === "empty" ? "an empty module" : peer,
        contender: peer,
        measure: "time",
      },
    })),
    {
      what: "`@meanwhile/core`, heap afterwards",
      unit: "MB",
      ours: { contender: "core", measure: "heap" },
      beside: { name: "execa", contender: "execa", measure: "heap" },
    },
    {
      what: "with `@meanwhile/core/sqlite`, time",
      unit: "ms",
      ours: { contender: "core and sqlite", measure: "time" },
      beside: { name: "an empty module", contender: "empty", measure: "time" },
    },
  ],
};

async function load(use: () => Promise<unknown>): Promise<Measures> {
  const before = await heldBytes();
  const begun = performance.now();
  // Held, or the collector would take what the import left.
  const loaded = await use();
  const time = performance.now() - begun;
  const heap = ((await heldBytes()) - before) / 2 ** 20;
  return { time, heap, kept: loaded === undefined ? 0 : 1 };
}
