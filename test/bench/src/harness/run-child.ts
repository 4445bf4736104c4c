import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Measures } from "./benchmark.ts";

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
export async function runChild(order: Omit<Order, "folder">): Promise<Measures> {
  const folder = mkdtempSync(join(tmpdir(), "meanwhile-bench-"));
  try {
    return await run({ ...order, folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(order: Order): Promise<Measures> {
  const flags = [
    "--expose-gc",
    "--max-old-space-size=6144",
    "--disable-warning=ExperimentalWarning",
  ];
  const child = spawn(process.execPath, [...flags, entry, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const overdue = setTimeout(() => child.kill("SIGKILL"), longestRunMs);
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
      const last = output.trimEnd().split("\n").at(-1) as string;
      if (code === 0) resolve(JSON.parse(last) as Measures);
      else
        reject(
          new Error(`${order.contender ?? "prepare"} ended with ${code ?? signal}:\n${errors}`),
        );
    });
  });
}
