import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark, Figure, Measures, Skipped } from "./benchmark.ts";
import { runChild } from "./run-child.ts";
import { median } from "./statistics.ts";
import { inWorkFolder } from "./work-folder.ts";

const defaultRounds = 3;

export interface Results {
  /** The median over the rounds; a word when there is none. */
  value(figure: Figure): number | "failed" | "skipped";
  readonly failures: readonly string[];
  /** Why contenders were skipped. */
  readonly skips: readonly string[];
}

/**
 * Runs every contender once in each round, each time in a fresh process, so that whatever else the
 * machine does meanwhile falls on all of them alike. Each round begins with the next contender.
 */
export async function measure(
  name: string,
  benchmark: Benchmark,
  options: { readonly quick: boolean; readonly progress: (text: string) => void },
): Promise<Results> {
  const { quick, progress } = options;
  const contenders = Object.keys(benchmark.contenders);
  const found = new Map<string, Measures[]>(contenders.map((contender) => [contender, []]));
  const failures: string[] = [];
  const skips = new Map<string, string>();

  async function run(prepared: string, contender?: string): Promise<void> {
    const inFolder = benchmark.manyFiles
      ? (use: (folder: string) => Promise<Measures | Skipped>) =>
          use(mkdtempSync(join(prepared, "run-")))
      : inWorkFolder<Measures | Skipped>;
    const order = { benchmark: name, quick, prepared };
    try {
      if (contender === undefined) await inFolder((folder) => runChild({ ...order, folder }));
      else {
        const run = { ...order, contender };
        const result = await inFolder((folder) => runChild({ ...run, folder }));
        if (isSkipped(result)) skips.set(contender, result.skipped);
        else found.get(contender)?.push(result);
      }
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }

  await inWorkFolder(async (prepared) => {
    if (benchmark.prepare !== undefined) {
      progress(`${name}: prepare`);
      await run(prepared);
    }
    const rounds = quick ? 1 : (benchmark.rounds ?? defaultRounds);
    for (let round = 0; round < rounds; round += 1) {
      const first = round % contenders.length;
      for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
        progress(`${name}: round ${round + 1} of ${rounds}: ${contender}`);
        await run(prepared, contender);
      }
    }
  });
  return {
    value: ({ contender, measure }) =>
      middle(found.get(contender), measure) ?? (skips.has(contender) ? "skipped" : "failed"),
    failures,
    skips: [...skips].map(([contender, why]) => `${name}: ${contender}: ${why}`),
  };
}

function isSkipped(result: Measures | Skipped): result is Skipped {
  return typeof result["skipped"] === "string";
}

function middle(rounds: readonly Measures[] | undefined, measure: string): number | undefined {
  if (rounds === undefined) throw new Error("A line names a contender that does not exist.");
  if (rounds.length === 0) return undefined;
  const values = rounds.map((measures) => measures[measure]);
  if (values.includes(undefined)) throw new Error(`A contender gave no "${measure}".`);
  return median(values as number[]);
}
