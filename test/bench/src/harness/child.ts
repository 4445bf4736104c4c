// The process in which one contender runs. It loads nothing but that, so that the time and memory
// of an import are those of the import.
import { writeSync } from "node:fs";
import { benchmarks } from "../benchmarks/all.ts";
import type { Measures, Skipped } from "./benchmark.ts";
import type { Order } from "./run-child.ts";

const order = JSON.parse(process.argv[2] as string) as Order;
const { benchmark } = (await benchmarks[order.benchmark]?.()) ?? {};
const run =
  order.contender === undefined ? benchmark?.prepare : benchmark?.contenders[order.contender];
if (run === undefined) throw new Error(`There is no such run: ${process.argv[2]}`);
const measures: Measures | Skipped = (await run(order)) ?? {};
writeSync(1, `\n${JSON.stringify(measures)}\n`);
// Peers may leave timers behind.
process.exit(0);
