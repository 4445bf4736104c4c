import { nextTurn } from "./timing.ts";

/** Bytes that the program holds on to, on the JavaScript heap and beside it. */
export async function heldBytes(): Promise<number> {
  // What is only reachable from the current turn of the event loop is let go in the next.
  for (let pass = 0; pass < 3; pass += 1) {
    await nextTurn();
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
