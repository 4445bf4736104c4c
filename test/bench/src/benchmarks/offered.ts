import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Benchmark, Line } from "../harness/benchmark.ts";
import { quantile } from "../harness/statistics.ts";
import { pause } from "../work/timing.ts";

const perMs = 5;
const warmUpMs = 1_000;

export const benchmark: Benchmark = {
  title: "5,000 durable tasks offered per second, FULL",
  contenders: {
    async meanwhile({ folder, quick }) {
      const { openDurable } = await import("../work/open-durable.ts");
      const { noOp } = await import("../work/no-op.ts");
      const session = (await openDurable(folder, 100)).session("bench");
      const delay = monitorEventLoopDelay({ resolution: 1 });
      const accepts: number[] = [];
      let offered = 0;
      let acknowledged = 0;

      async function acknowledge(): Promise<void> {
        for (;;) {
          await session.notifications.wait();
          const delivery = await session.notifications.receive({ limit: 100, maxChars: 1_000_000 });
          await delivery.ack();
          acknowledged += delivery.notifications.length;
        }
      }

      async function offer(): Promise<void> {
        const begun = performance.now();
        offered += 1;
        await session.start(noOp, { number: offered });
        accepts.push(performance.now() - begun);
      }

      /** Keeps to the clock: what a blocked event loop missed is offered when it goes on. */
      async function offerFor(durationMs: number): Promise<void> {
        const begun = performance.now();
        for (let due = 0, made = 0; due < durationMs * perMs; ) {
          due = (performance.now() - begun) * perMs;
          for (; made < due; made += 1) void offer();
          await pause(1);
        }
      }

      void acknowledge();
      await offerFor(warmUpMs);
      accepts.length = 0;
      delay.enable();
      await offerFor(quick ? 500 : 3_000);
      delay.disable();
      return {
        acceptP50: quantile(accepts, 0.5),
        acceptP99: quantile(accepts, 0.99),
        backlog: offered - acknowledged,
        loopP99: delay.percentile(99) / 1e6,
      };
    },
    async idle({ quick }) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      await pause(quick ? 200 : 1_000);
      return { loopP99: delay.percentile(99) / 1e6 };
    },
  },
  lines: [
    line("accepted after, p50", "acceptP50"),
    { ...line("accepted after, p99", "acceptP99"), goal: { atMost: 5 } },
    {
      ...line("not yet acknowledged at the end", "backlog"),
      unit: "",
      goal: { atMost: 100 },
    },
    {
      ...line("delay of the event loop, p99", "loopP99"),
      beside: { name: "idle", contender: "idle", measure: "loopP99" },
    },
  ],
};

function line(what: string, measure: string): Line {
  return { what, unit: "ms", ours: { contender: "meanwhile", measure } };
}
