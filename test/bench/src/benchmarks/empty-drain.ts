import type { Benchmark } from "../harness/benchmark.ts";
import { milliseconds } from "../work/timing.ts";

const looks = (quick: boolean): number => (quick ? 200_000 : 2_000_000);

/** What an agent's loop pays at every step at which nothing has happened. */
export const benchmark: Benchmark = {
  title: "Looking into an empty queue (SQLite)",
  contenders: {
    async meanwhile({ folder, quick }) {
      const { openDurable } = await import("../work/open-durable.ts");
      const { notifications } = (await openDurable(folder, 1)).session("bench");
      const nothing = (): void => {};
      return {
        drain: await nanoseconds(looks(quick), () => notifications.drain(nothing)),
        pending: await syncNanoseconds(looks(quick), () => notifications.pending()),
      };
    },
    async "async function"({ quick }) {
      const empty = async (): Promise<undefined> => undefined;
      return { drain: await nanoseconds(looks(quick), empty) };
    },
  },
  lines: [
    {
      what: "`await drain()`",
      unit: "ns",
      ours: { contender: "meanwhile", measure: "drain" },
      beside: { name: "empty async function", contender: "async function", measure: "drain" },
      goal: { atMost: 50, of: "value" },
    },
    { what: "`pending()`", unit: "ns", ours: { contender: "meanwhile", measure: "pending" } },
  ],
};

async function nanoseconds(count: number, look: () => Promise<unknown>): Promise<number> {
  const run = async (): Promise<void> => {
    for (let left = count; left > 0; left -= 1) await look();
  };
  await run();
  return ((await milliseconds(run)) * 1e6) / count;
}

async function syncNanoseconds(count: number, look: () => number): Promise<number> {
  let sum = 0;
  const run = (): void => {
    for (let left = count; left > 0; left -= 1) sum += look();
  };
  run();
  const elapsed = await milliseconds(run);
  if (sum !== 0) throw new Error("The queue was not empty.");
  return (elapsed * 1e6) / count;
}
