import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { atEnd } from "./at-end.ts";
import type { Measures, Skipped } from "./benchmark.ts";

const entry = fileURLToPath(new URL("./child.ts", import.meta.url));
const longestRunMs = 120_000;

/** What a child is told, as JSON in its first argument. */
export interface Order {
  readonly benchmark: string;
  /** A contender, or undefined for `prepare`. */
  readonly contender?: string;
  readonly quick: boolean;
  readonly folder: string;
  readonly prepared: string;
}

/** Runs one contender, or the preparation, in a fresh process. Rejects with what it printed. */
export function runChild(order: Order): Promise<Measures | Skipped> {
  const flags = [
    "--expose-gc",
    "--max-old-space-size=6144",
    "--disable-warning=ExperimentalWarning",
  ];
  const child = spawn(process.execPath, [...flags, entry, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = atEnd(() => child.kill("SIGKILL"));
  const overdue = setTimeout(kill, longestRunMs);
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(overdue);
      kill();
      const last = output.trimEnd().split("\n").at(-1) as string;
      if (code === 0) resolve(JSON.parse(last) as Measures | Skipped);
      else
        reject(
          new Error(`${order.contender ?? "prepare"} ended with ${code ?? signal}:\n${errors}`),
        );
    });
  });
}
