/** Runs the work and gives how many of its `count` pieces were done in a second. */
export async function perSecond(count: number, work: () => unknown): Promise<number> {
  return (count * 1_000) / (await milliseconds(work));
}

export async function milliseconds(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** The next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
