import type { Session } from "@meanwhile/core";
import type { Benchmark, Line, Measures } from "../harness/benchmark.ts";
import { quantile } from "../harness/statistics.ts";
import { outsideEvents } from "../work/outside-events.ts";
import { pause } from "../work/timing.ts";

const warmUp = 100;
const samples = (quick: boolean): number => warmUp + (quick ? 100 : 500);

/** A task waits for something outside; from that happening until the agent's code has it in hand. */
export const benchmark: Benchmark = {
  title: "From an event to who waits for it",
  contenders: {
    async callback({ quick }) {
      const ages: number[] = [];
      const events = outsideEvents((ageUs) => ages.push(ageUs()));
      while (ages.length < samples(quick)) await pause(1);
      events.stop();
      return summary(ages);
    },
    async "meanwhile, memory"({ folder, quick }) {
      const { openManager } = await import("../work/open-manager.ts");
      return tell((await openManager(folder, 8)).session("bench"), samples(quick));
    },
    async "meanwhile, SQLite"({ folder, quick }) {
      const { openDurable } = await import("../work/open-durable.ts");
      return tell((await openDurable(folder, 8)).session("bench"), samples(quick));
    },
  },
  lines: [
    line("memory", "p50", "told that it may receive, in memory, p50"),
    line("memory", "receivedP50", "received, in memory, p50"),
    line("memory", "receivedP99", "received, in memory, p99"),
    line("SQLite", "p50", "told that it may receive, SQLite FULL, p50", 5),
    line("SQLite", "receivedP50", "received, SQLite FULL, p50"),
    line("SQLite", "receivedP99", "received, SQLite FULL, p99"),
  ],
};

function line(store: string, measure: string, what: string, atMost?: number): Line {
  return {
    what,
    unit: "µs",
    ours: { contender: `meanwhile, ${store}`, measure },
    beside: {
      name: "callback",
      contender: "callback",
      measure: measure.replace("received", "").toLowerCase(),
    },
    ...(atMost === undefined ? {} : { goal: { atMost } }),
  };
}

async function tell(session: Session, count: number): Promise<Measures> {
  const told: number[] = [];
  const received: number[] = [];
  let happened = (_ageUs: () => number): void => {};
  const events = outsideEvents((ageUs) => happened(ageUs));
  while (received.length < count) {
    let ageUs = (): number => 0;
    const event = new Promise<void>((resolve) => {
      happened = (age) => {
        ageUs = age;
        resolve();
      };
    });
    await session.start(() => event);
    await session.notifications.wait();
    told.push(ageUs());
    const delivery = await session.notifications.receive();
    received.push(ageUs());
    await delivery.ack();
  }
  events.stop();
  const { p50: receivedP50, p99: receivedP99 } = summary(received);
  return { ...summary(told), receivedP50, receivedP99 };
}

function summary(ages: readonly number[]): { p50: number; p99: number } {
  const warm = ages.slice(warmUp);
  return { p50: quantile(warm, 0.5), p99: quantile(warm, 0.99) };
}
