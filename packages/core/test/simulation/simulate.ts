import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AnyDefinition,
  defineTask,
  type Session,
  type Store,
  type TaskSnapshot,
} from "../../src/index.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { endedTask, recordHistory } from "../support/history.ts";
import { pick, seeded } from "../support/seeded.ts";
import { type SimulatedProcess, startProcess } from "./process.ts";
import { sharedStore } from "./shared-store.ts";

const sessions = ["a", "b"];
const behaviours = [
  "succeed",
  "fail",
  "flaky",
  "slow",
  "deaf",
  "chatty",
  "checkpoints",
  "waits",
] as const;

/**
 * A random life of two managers on one store: tasks are started, cancelled, read and told while the
 * processes die, pause and are replaced. Gives what went wrong; the seed decides everything.
 */
export async function simulate(
  seed: number,
  mutant: (store: Store) => Store = (store) => store,
): Promise<string[]> {
  const random = seeded(seed);
  const clock = virtualClock();
  const history = recordHistory();
  const shared = sharedStore(
    (store) => history.recorded(mutant(store)),
    () => random() < 0.7,
    clock,
  );
  const wrong: string[] = [];
  const runs = new Set<string>();
  const tasks = (["fail", "restart", "custom"] as const).map((recover) =>
    definition(recover, (run) => {
      if (runs.has(run)) wrong.push(`${run} ran twice`);
      runs.add(run);
    }),
  );
  const directory = join(tmpdir(), "meanwhile-simulation-without-files");
  const start = (): SimulatedProcess =>
    startProcess({ store: shared.view(), clock, random, tasks, directory });
  const processes = [start(), start()];
  const started: { id: string; session: string }[] = [];
  const pending: Promise<unknown>[] = [];
  const inBackground = (work: Promise<unknown>): void => void pending.push(work.catch(() => {}));

  function anySession(): Session {
    return pick(random, processes).manager.session(pick(random, sessions));
  }

  async function begin(session: Session): Promise<void> {
    const input = { behaviour: pick(random, behaviours), ms: Math.floor(random() * 4_000) };
    const siblings = started.filter((one) => one.session === session.id);
    const task = await session.start(pick(random, tasks), input, {
      priority: Math.floor(random() * 3),
      notify: pick(random, ["always", "always", "failure", "never"] as const),
      ...(random() < 0.3 && { delayMs: Math.floor(random() * 5_000) }),
      ...(random() < 0.3 && { timeoutMs: 1 + Math.floor(random() * 3_000) }),
      ...(random() < 0.3 && siblings.length > 0 && { after: [pick(random, siblings).id] }),
    });
    started.push({ id: task.id, session: session.id });
  }

  async function answer(session: Session): Promise<void> {
    const delivery = await session.notifications.receive({ limit: 3, leaseMs: 2_000 });
    const choice = random();
    if (choice < 0.5) await delivery.ack();
    else if (choice < 0.7) await delivery.release();
  }

  async function withTask(use: (session: Session, id: string) => Promise<unknown>): Promise<void> {
    if (started.length === 0) return;
    const { id, session } = pick(random, started);
    await use(pick(random, processes).manager.session(session), id);
  }

  const deeds: readonly (readonly [weight: number, deed: () => void | Promise<void>])[] = [
    [8, () => inBackground(begin(anySession()))],
    [3, () => inBackground(withTask((session, id) => session.cancel(id)))],
    [3, () => inBackground(withTask(async (session, id) => (await session.get(id)).result()))],
    [4, () => inBackground(answer(anySession()))],
    [1, () => inBackground(anySession().turn(() => {}))],
    [6, () => clock.advance(Math.floor(random() * 2_000))],
    [3, () => clock.settle()],
    [1, () => pick(random, processes).dieSoon()],
    [2, () => pick(random, processes).pause()],
  ];
  const total = deeds.reduce((sum, [weight]) => sum + weight, 0);

  async function tend(): Promise<void> {
    for (const [index, one] of processes.entries()) {
      if (one.paused && (!one.alive || random() < 0.06)) await one.resume();
      if (!one.alive) processes[index] = start();
    }
  }

  for (let step = 0; step < 80; step += 1) {
    let choice = random() * total;
    const deed = deeds.find(([weight]) => {
      choice -= weight;
      return choice < 0;
    });
    await deed?.[1]();
    await tend();
  }

  // The last one, a survivor or a newcomer, has all the time that it needs.
  for (const one of processes) if (one.paused) await one.resume();
  const survivor = seed % 2 === 0 ? processes.find((one) => one.alive) : undefined;
  for (const one of processes) if (one !== survivor) one.die();
  const last = survivor?.outliving() ?? start();
  await Promise.all([last.manager.open(), clock.advance(90_000)]);
  const stored: TaskSnapshot[] = [];
  for (const id of sessions) {
    const session = last.manager.session(id);
    stored.push(...(await session.list({ limit: 1_000 })));
    for (;;) {
      const { notifications, ack } = await session.notifications.receive({ limit: 100 });
      if (notifications.length === 0) break;
      await ack();
    }
  }
  await last.manager.close();
  await clock.advance(20_000);
  await Promise.all(pending);

  for (const { id, status } of stored) {
    if (status === "queued" || status === "running") wrong.push(`${id} is ${status} for ever`);
  }
  return [...wrong, ...history.violations(), ...untold(history.steps)];
}

/** Notifications that became due, and that nobody ever acknowledged. */
function untold(steps: readonly Parameters<typeof endedTask>[0][]): string[] {
  const owed = new Set<string>();
  for (const step of steps) {
    const { change, outcome } = step;
    const ending = endedTask(step);
    if (ending?.notification != null) owed.add(ending.notification);
    if (change.type === "notify" && outcome === true) owed.add(change.notification.id);
    if (change.type === "ack" && outcome === true) for (const id of change.ids) owed.delete(id);
    if (change.type === "consume") owed.delete(`${change.taskId}.end`);
  }
  return [...owed].map((id) => `${id} was never told`);
}

function definition(
  recover: "fail" | "restart" | "custom",
  note: (run: string) => void,
): AnyDefinition {
  type Input = { readonly behaviour: (typeof behaviours)[number]; readonly ms: number };
  return defineTask<unknown, Input>({
    name: `work_${recover}`,
    description: "Does what its input says.",
    input: { type: "object" },
    retry: { attempts: 3, delayMs: 500 },
    recover: recover === "custom" ? () => "taken up" : recover,
    async run({ behaviour, ms }, { task, signal, clock, notify, checkpoint, waiting }) {
      note(`${task.id} attempt ${task.attempt}`);
      const pause = (): Promise<void> =>
        new Promise((resolve, reject) => {
          const cancel = clock.timer(resolve, ms, false);
          if (behaviour === "deaf") return;
          signal.addEventListener("abort", () => {
            cancel();
            reject(signal.reason);
          });
        });
      if (behaviour === "succeed") return behaviour;
      // What it waits for does not care whether it is still wanted.
      if (behaviour === "waits") {
        await waiting(
          "an answer",
          () => new Promise<void>((go) => void clock.timer(go, ms, false)),
        );
      }
      await pause();
      if (behaviour === "chatty") await notify("half way");
      if (behaviour === "checkpoints") await checkpoint.save({ at: ms });
      if (behaviour === "fail") throw new Error("failed");
      if (behaviour === "flaky" && task.attempt < 2) throw new Error("flaky");
      return behaviour;
    },
  });
}
