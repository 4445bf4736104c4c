const pending = new Set<Promise<unknown>>();

/** Lets something go on that nobody waits for, but `tidied` when all is to be left clean. */
export function tidyUp(work: Promise<unknown>): void {
  pending.add(work);
  const done = (): boolean => pending.delete(work);
  work.then(done, done);
}

/** Resolves when nothing of that is left to do. */
export async function tidied(): Promise<void> {
  while (pending.size > 0) await Promise.allSettled(pending);
}
