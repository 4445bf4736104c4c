import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Benchmark, Line } from "../harness/benchmark.ts";
import { quantile } from "../harness/statistics.ts";

const otherManager = fileURLToPath(new URL("../work/other-manager.ts", import.meta.url));
const warmUp = 20;
const samples = (quick: boolean): number => warmUp + (quick ? 50 : 300);

/** One process runs the tasks of a session, another waits for what the session is told. */
export const benchmark: Benchmark = {
  title: "From a commit in another process to who waits for it here (SQLite FULL)",
  contenders: {
    async meanwhile({ folder, quick }) {
      const { openDurable } = await import("../work/open-durable.ts");
      const { notifications } = (await openDurable(folder, 1)).session("bench");
      const other = fork(otherManager, [folder]);
      const told: number[] = [];
      const received: number[] = [];
      await once(other, "message");
      while (received.length < samples(quick)) {
        other.send("start");
        const settled = once(other, "message") as Promise<[string]>;
        await notifications.wait();
        const toldAt = process.hrtime.bigint();
        const delivery = await notifications.receive();
        const receivedAt = process.hrtime.bigint();
        const settledAt = BigInt((await settled)[0]);
        told.push(Number(toldAt - settledAt) / 1e6);
        received.push(Number(receivedAt - settledAt) / 1e6);
        await delivery.ack();
      }
      other.kill();
      return {
        p50: quantile(told.slice(warmUp), 0.5),
        p99: quantile(told.slice(warmUp), 0.99),
        received: quantile(received.slice(warmUp), 0.5),
      };
    },
  },
  lines: [
    { ...line("told that it may receive, p50", "p50"), goal: { atMost: 1 } },
    { ...line("told that it may receive, p99", "p99"), goal: { atMost: 20 } },
    line("received, p50", "received"),
  ],
};

function line(what: string, measure: string): Line {
  return { what, unit: "ms", ours: { contender: "meanwhile", measure } };
}
