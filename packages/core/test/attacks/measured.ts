import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What an attack did cost. */
export interface Costs {
  readonly rssBytes: number;
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
  const sample = (): void => {
    try {
      most = Math.max(most, process.memoryUsage.rss());
    } catch {
      // It takes a file descriptor, and an attack may have left none.
    }
  };
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  const started = performance.now();
  delay.enable();
  const sampling = setInterval(sample, 2 * resolutionMs);
  try {
    const value = await work();
    sample();
    // A block that lasts until now is counted by its timer only.
    await new Promise((resolve) => setTimeout(resolve, 2 * resolutionMs));
    delay.disable();
    return {
      value,
      rssBytes: most - before,
      delayMs: delay.max / 1e6,
      tookMs: performance.now() - started,
    };
  } finally {
    clearInterval(sampling);
    delay.disable();
  }
}

/** Bytes of this process's heap that are in use, garbage aside. */
export function liveBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
