import type { Benchmark, Line, Measures, Setting } from "../harness/benchmark.ts";
import { perSecond } from "../work/timing.ts";

const many = 100;

export const benchmark: Benchmark = {
  title: "Durable tasks, from start to acknowledged",
  contenders: {
    "meanwhile, many": (setting) => meanwhile(setting, { inFlight: many, tasks: 20_000 }),
    "meanwhile, one": (setting) => meanwhile(setting, { inFlight: 1, tasks: 1_500 }),
    "meanwhile, one, told": toldOne,
    "meanwhile, one, read": readOne,
    "plainjob NORMAL, many": (setting) =>
      plainjob(setting, "NORMAL", { inBatch: many, jobs: 5_000 }),
    "plainjob NORMAL, one": (setting) => plainjob(setting, "NORMAL", { inBatch: 1, jobs: 5_000 }),
    "plainjob FULL, many": (setting) => plainjob(setting, "FULL", { inBatch: many, jobs: 2_000 }),
    "plainjob FULL, one": (setting) => plainjob(setting, "FULL", { inBatch: 1, jobs: 2_000 }),
    "SQLite FULL by hand, many": (setting) => byHand(setting, { inBatch: many, tasks: 20_000 }),
    "SQLite FULL by hand, one": (setting) => byHand(setting, { inBatch: 1, tasks: 1_500 }),
  },
  lines: [
    line(`FULL, ${many} in flight`, "many", "SQLite FULL by hand", 0.5),
    line(`FULL, ${many} in flight`, "many", "plainjob FULL", 15),
    line(`FULL, ${many} in flight`, "many", "plainjob NORMAL", 4),
    line("FULL, one at a time", "one", "SQLite FULL by hand"),
    line("FULL, one at a time", "one", "plainjob FULL", 2),
    line("FULL, one at a time", "one", "plainjob NORMAL"),
    {
      ...line("FULL, one at a time, until told but not acknowledged", "one", "plainjob FULL"),
      ours: { contender: "meanwhile, one, told", measure: "tasks" },
    },
    {
      ...line("FULL, one at a time, acknowledged by reading its result", "one", "plainjob FULL"),
      ours: { contender: "meanwhile, one, read", measure: "tasks" },
    },
  ],
};

function line(what: string, inFlight: "many" | "one", peer: string, atLeast?: number): Line {
  return {
    what,
    unit: "per second",
    ours: { contender: `meanwhile, ${inFlight}`, measure: "tasks" },
    beside: { name: peer, contender: `${peer}, ${inFlight}`, measure: "tasks" },
    ...(atLeast === undefined ? {} : { goal: { atLeast } }),
  };
}

async function meanwhile(
  { folder, quick }: Setting,
  work: { readonly inFlight: number; readonly tasks: number },
): Promise<Measures> {
  const { openDurable } = await import("../work/open-durable.ts");
  const { noOp } = await import("../work/no-op.ts");
  const { untilAcknowledged } = await import("../work/until-acknowledged.ts");
  const session = (await openDurable(folder, work.inFlight)).session("bench");
  const run = (tasks: number): Promise<void> =>
    untilAcknowledged(session, {
      tasks,
      inFlight: work.inFlight,
      start: (number) => session.start(noOp, { number }),
    });
  return measure(quick, work.tasks, run);
}

/** What plainjob does and no more: stored, run, its end stored. Here that includes a notification. */
async function toldOne({ folder, quick }: Setting): Promise<Measures> {
  const { openDurable } = await import("../work/open-durable.ts");
  const { noOp } = await import("../work/no-op.ts");
  const session = (await openDurable(folder, 1)).session("bench");
  let told = (): void => {};
  session.notifications.subscribe(() => told());
  return measure(quick, 1_500, async (tasks) => {
    for (let number = 0; number < tasks; number += 1) {
      const end = new Promise<void>((resolve) => {
        told = resolve;
      });
      await session.start(noOp, { number });
      await end;
    }
  });
}

/** Whoever reads the result is not told again, which saves the way through the queue. */
async function readOne({ folder, quick }: Setting): Promise<Measures> {
  const { openDurable } = await import("../work/open-durable.ts");
  const { noOp } = await import("../work/no-op.ts");
  const session = (await openDurable(folder, 1)).session("bench");
  return measure(quick, 1_500, async (tasks) => {
    for (let number = 0; number < tasks; number += 1) {
      const task = await session.start(noOp, { number });
      await task.result();
    }
  });
}

async function plainjob(
  { folder, quick }: Setting,
  synchronous: "NORMAL" | "FULL",
  work: { readonly inBatch: number; readonly jobs: number },
): Promise<Measures> {
  const peer = await import("../work/plainjob.ts");
  const queue = peer.plainjob(`${folder}/jobs.db`, synchronous);
  return measure(quick, work.jobs, (jobs) => queue.run(jobs, work.inBatch));
}

async function byHand(
  { folder, quick }: Setting,
  work: { readonly inBatch: number; readonly tasks: number },
): Promise<Measures> {
  const { rawGroupCommit } = await import("../work/raw-group-commit.ts");
  const raw = rawGroupCommit(`${folder}/raw.db`);
  return measure(quick, work.tasks, (tasks) => raw.run(tasks, work.inBatch));
}

async function measure(
  quick: boolean,
  full: number,
  run: (tasks: number) => unknown,
): Promise<Measures> {
  const tasks = quick ? full / 5 : full;
  await run(Math.max(tasks / 5, 100));
  return { tasks: await perSecond(tasks, () => run(tasks)) };
}
