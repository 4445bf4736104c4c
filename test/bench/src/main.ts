// `npm run bench [-- <name>…] [-- --quick]`
import { benchmarks } from "./benchmarks/all.ts";
import { describeMachine } from "./harness/machine.ts";
import { measure } from "./harness/measure.ts";
import { table } from "./harness/table.ts";

const words = process.argv.slice(2).filter((word) => word !== "--");
const quick = words.includes("--quick");
const named = words.filter((word) => word !== "--quick");
const unknown = named.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(
    `No benchmark ${unknown.join(", ")}. There are: ${Object.keys(benchmarks).join(", ")}.`,
  );
  process.exit(2);
}
// The figures must be those of what users install.
const build = import.meta.resolve("@meanwhile/core");
if (!build.includes("/dist/"))
  throw new Error(`@meanwhile/core is not the built one, but ${build}.`);

console.log(`${describeMachine()}\n`);
if (quick)
  console.log(
    "**A short run:** one round, with a fraction of the work that the rows name. Its figures mean little.\n",
  );
const failures: string[] = [];
for (const name of named.length > 0 ? named : Object.keys(benchmarks)) {
  const { benchmark } = await (benchmarks[name] as (typeof benchmarks)[string])();
  const results = await measure(name, benchmark, { quick, progress });
  progress("");
  console.log(`**${benchmark.title}** (\`${name}\`)\n\n${table(benchmark.lines, results)}\n`);
  for (const skip of results.skips) console.log(`Skipped: ${skip}\n`);
  failures.push(...results.failures);
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;

/** One line that is written over, on a terminal only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
