import type { Clock } from "../../clock/clock.ts";
import type { ConnectionOptions } from "./connection.ts";
import { directAccess } from "./direct-access.ts";
import type { DatabaseAccess } from "./operations.ts";
import { workerAccess } from "./worker-access.ts";

/** A disk that takes this long, in milliseconds, is felt by whoever shares the event loop. */
const slowMs = 2;
/** So many commits are looked at, and moving is decided by the one in the middle. */
const sample = 15;

/**
 * On this thread while commits are quick, where the disk is slow on one of its own: measured here,
 * a thread costs a quarter of the throughput of a quick disk and saves all of the waiting for a
 * slow one. It moves once and stays.
 */
export async function adaptiveAccess(
  options: ConnectionOptions,
  clock: Clock,
): Promise<DatabaseAccess> {
  let took: number[] = [];
  const direct = await directAccess(options, (sync) => {
    const before = clock.monotonic();
    sync();
    took.push(clock.monotonic() - before);
  });
  let access = direct;
  let moving: Promise<void> | undefined;

  return {
    ask(name, ...given) {
      const asked = access.ask(name, ...given);
      if (took.length >= sample) {
        if (middle(took) >= slowMs) moving ??= move();
        took = [];
      }
      return asked;
    },
    async close() {
      await moving;
      await access.close();
    },
  };

  async function move(): Promise<void> {
    try {
      access = await workerAccess(options);
      await direct.close();
    } catch {
      // Where there can be no thread, as in some bundles, it goes on as before.
      access = direct;
    }
  }
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
