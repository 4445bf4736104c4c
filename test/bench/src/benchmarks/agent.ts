import type { Benchmark } from "../harness/benchmark.ts";
import { milliseconds, pause } from "../work/timing.ts";

const calls = 5;

interface Pace {
  readonly modelMs: number;
  readonly toolMs: number;
}

/** Each call of the model starts one more tool, until all are started; a last one sums up. */
export const benchmark: Benchmark = {
  title: "An agent that uses five tools of 1 s, with model calls of 0.25 s (timers)",
  rounds: 1,
  contenders: {
    blocking: async ({ quick }) => ({ seconds: await seconds(() => blocking(pace(quick))) }),
    ideal: async ({ quick }) => ({ seconds: await seconds(() => ideal(pace(quick))) }),
    async meanwhile({ folder, quick }) {
      const { openManager } = await import("../work/open-manager.ts");
      const { defineTask } = await import("@meanwhile/core");
      const { modelMs, toolMs } = pace(quick);
      const research = defineTask({
        name: "research",
        description: "Looks something up.",
        input: { type: "object" },
        run: () => pause(toolMs),
      });
      const session = (await openManager(folder, calls, { tasks: [research] })).session("chat");
      const tool = session.tools().find(({ name }) => name === "research");
      if (tool === undefined) throw new Error("The session has no research tool.");
      return {
        seconds: await seconds(async () => {
          for (let call = 0; call < calls; call += 1) {
            await pause(modelMs);
            await tool.execute({}, {});
          }
          for (let told = 0; told < calls; ) {
            await session.notifications.wait();
            told +=
              (await session.notifications.drain(async ({ notifications }) => {
                await pause(modelMs);
                return notifications.length;
              })) ?? 0;
          }
        }),
      };
    },
  },
  lines: [
    {
      what: "until the last result is reported",
      unit: "s",
      ours: { contender: "meanwhile", measure: "seconds" },
      beside: { name: "the critical path", contender: "ideal", measure: "seconds" },
      goal: { atMost: 1.01 },
    },
    {
      what: "until the last result is reported",
      unit: "s",
      ours: { contender: "meanwhile", measure: "seconds" },
      beside: { name: "blocking tools", contender: "blocking", measure: "seconds" },
    },
  ],
};

/** A short run waits less, so its overhead weighs more. */
function pace(quick: boolean): Pace {
  return quick ? { modelMs: 50, toolMs: 200 } : { modelMs: 250, toolMs: 1_000 };
}

async function blocking({ modelMs, toolMs }: Pace): Promise<void> {
  for (let call = 0; call < calls; call += 1) {
    await pause(modelMs);
    await pause(toolMs);
  }
  await pause(modelMs);
}

/** The last tool starts after as many calls as there are tools; one more call reports it. */
async function ideal({ modelMs, toolMs }: Pace): Promise<void> {
  for (let call = 0; call < calls; call += 1) await pause(modelMs);
  await pause(toolMs);
  await pause(modelMs);
}

async function seconds(run: () => Promise<void>): Promise<number> {
  return (await milliseconds(run)) / 1_000;
}
