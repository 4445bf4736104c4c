import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What an attack did cost. */
export interface Costs {
  readonly rssBytes: number;
  /** For how long the event loop stood still at most, without what others had of the processor. */
  readonly delayMs: number;
  readonly tookMs: number;
}

const resolutionMs = 10;

/** Measures this process while `work` runs. */
export async function measured<Value>(
  work: () => Promise<Value>,
): Promise<Costs & { readonly value: Value }> {
  const before = process.memoryUsage.rss();
  let most = before;
  let delayMs = 0;
  const started = performance.now();
  let last = started;
  let waited = waitedMs();
  const sample = (): void => {
    const now = performance.now();
    const waitedNow = waitedMs();
    delayMs = Math.max(delayMs, now - last - (waitedNow - waited) - resolutionMs);
    last = now;
    waited = waitedNow;
    try {
      most = Math.max(most, process.memoryUsage.rss());
    } catch {
      // It takes a file descriptor, and an attack may have left none.
    }
  };
  const sampling = setInterval(sample, resolutionMs);
  try {
    const value = await work();
    // A block that lasts until now is counted by its timer only.
    await new Promise((resolve) => setTimeout(resolve, 2 * resolutionMs));
    sample();
    return { value, rssBytes: most - before, delayMs, tookMs: performance.now() - started };
  } finally {
    clearInterval(sampling);
  }
}

let lastWaitedMs = 0;

/** How long this thread was ready to run but had no processor; Linux counts that. */
function waitedMs(): number {
  try {
    const [, waitedNs] = readFileSync("/proc/self/schedstat", "utf8").split(" ");
    lastWaitedMs = Number(waitedNs) / 1e6;
  } catch {
    // As above, or another system.
  }
  return lastWaitedMs;
}

/** Bytes of this process's heap that are in use, garbage aside. */
export function liveBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
