import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const sampleMs = 100;

/**
 * Does the work, and gives the most bytes of buffers that this process held on to meanwhile. What is
 * only waiting for the garbage collector does not count, as it would in the size of the process.
 */
export async function mostHeld<Value>(
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly heldBytes: number }> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = (): number => {
    // The second waits for what the first has left to other threads.
    collect();
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = held();
  let most = before;
  const sample = (): void => {
    most = Math.max(most, held());
  };
  const sampling = setInterval(sample, sampleMs);
  try {
    const value = await work();
    sample();
    return { value, heldBytes: most - before };
  } finally {
    clearInterval(sampling);
  }
}
