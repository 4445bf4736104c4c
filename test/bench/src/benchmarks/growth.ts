import type { BackgroundManager } from "@meanwhile/core";
import type { Benchmark, Line, Measures, Setting } from "../harness/benchmark.ts";
import { milliseconds } from "../work/timing.ts";
import { untilAcknowledged } from "../work/until-acknowledged.ts";

const atATime = 50;
const portion = 5_000;
const delayMs = 86_400_000;

/** A task more, a task settled and a task acknowledged: what that costs beside how much else. */
export const benchmark: Benchmark = {
  title: "Growth: a start, a settling and an acknowledgement",
  contenders: {
    "memory, 1,000 queued": (setting) => withQueued(setting, "memory", 1_000),
    "memory, 1,000,000 queued": (setting) => withQueued(setting, "memory", 1_000_000),
    "SQLite, 1,000 queued": (setting) => withQueued(setting, "SQLite", 1_000),
    "SQLite, 100,000 queued": (setting) => withQueued(setting, "SQLite", 100_000),
    "memory, 1 session": (setting) => withSessions(setting, "memory", 1),
    "memory, 10,000 sessions": (setting) => withSessions(setting, "memory", 10_000),
    "SQLite, 1 session": (setting) => withSessions(setting, "SQLite", 1),
    "SQLite, 10,000 sessions": (setting) => withSessions(setting, "SQLite", 10_000),
  },
  lines: [
    line("memory", "1,000,000 queued", "1,000 queued"),
    line("SQLite", "100,000 queued", "1,000 queued"),
    line("memory", "10,000 sessions", "1 session"),
    line("SQLite", "10,000 sessions", "1 session"),
  ],
};

function line(store: Store, many: string, few: string): Line {
  return {
    what: `${store === "SQLite" ? "SQLite FULL" : store}, ${many}`,
    unit: "µs",
    ours: { contender: `${store}, ${many}`, measure: "each" },
    beside: { name: few, contender: `${store}, ${few}`, measure: "each" },
    goal: { atMost: 2 },
  };
}

type Store = "memory" | "SQLite";

/** All in one session; the queue stays that long while it is worked off and added to. */
async function withQueued(setting: Setting, store: Store, queued: number): Promise<Measures> {
  const { noOp } = await import("../work/no-op.ts");
  const manager = await open(setting, store);
  const session = manager.session("bench");
  const gate = Promise.withResolvers<void>();
  for (let slot = 0; slot < atATime; slot += 1) await session.start(() => gate.promise);
  const count = setting.quick ? queued / 10 : queued;
  await inPortions(count, (number) => session.start(noOp, { number }));
  gate.resolve();
  return measure(setting, store, manager);
}

/** Each of the other sessions has a task that waits for its time and is owed a notification. */
async function withSessions(setting: Setting, store: Store, sessions: number): Promise<Measures> {
  const { noOp } = await import("../work/no-op.ts");
  const manager = await open(setting, store);
  const others = setting.quick ? Math.floor(sessions / 10) : sessions - 1;
  await inPortions(others, async (number) => {
    const session = manager.session(`other-${number}`);
    await session.start(noOp, { number }, { delayMs });
    await session.start(noOp, { number });
  });
  return measure(setting, store, manager);
}

async function open({ folder }: Setting, store: Store): Promise<BackgroundManager> {
  const { openDurable } = await import("../work/open-durable.ts");
  const { openManager } = await import("../work/open-manager.ts");
  return store === "SQLite" ? openDurable(folder, atATime) : openManager(folder, atATime);
}

async function measure(
  { quick }: Setting,
  store: Store,
  manager: BackgroundManager,
): Promise<Measures> {
  const { noOp } = await import("../work/no-op.ts");
  const session = manager.session("bench");
  const tasks = (store === "SQLite" ? 4_000 : 20_000) / (quick ? 5 : 1);
  const run = (): Promise<void> =>
    untilAcknowledged(session, {
      tasks,
      inFlight: atATime,
      start: (number) => session.start(noOp, { number }),
    });
  await run();
  return { each: ((await milliseconds(run)) * 1_000) / tasks };
}

async function inPortions(count: number, add: (number: number) => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done += portion) {
    const size = Math.min(portion, count - done);
    await Promise.all(Array.from({ length: size }, (_, index) => add(done + index)));
  }
}
