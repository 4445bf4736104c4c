/**
 * A process with a manager, for tests that kill it, stop it or wait for it to end:
 * node manager-child.ts <mode> <directory>. Says what it does in lines of JSON.
 */
import { join } from "node:path";
import { BackgroundManager, defineTask } from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";

const [mode = "", directory = ""] = process.argv.slice(2);
const say = (fact: object): void => void process.stdout.write(`${JSON.stringify(fact)}\n`);

const tasks = (["fail", "restart"] as const).map((recover) =>
  defineTask({
    name: `work_${recover}`,
    description: "Works a little.",
    input: { type: "object" },
    recover,
    async run(_: unknown, { task, clock }) {
      say({ run: task.id, attempt: task.attempt });
      await new Promise<void>((resolve) => clock.timer(resolve, 3, true));
      return task.id;
    },
  }),
);

const manager = new BackgroundManager({
  store: sqliteStore({ path: join(directory, "state.db") }),
  directory,
  tasks,
  leaseMs: 600,
});
const session = manager.session("chat");

/** Starts tasks for ever, and acknowledges some of what it is told. */
async function workUntilKilled(): Promise<void> {
  void (async () => {
    for await (const { notifications } of session.notifications) {
      say({ received: notifications.map(({ id }) => id) });
      if (notifications.length === 0) throw new Error("an empty delivery");
    }
  })();
  for (let index = 0; ; index += 1) {
    const definition = tasks[index % tasks.length];
    if (definition === undefined) throw new Error("no definition");
    const { id } = await session.start(definition, {});
    say({ started: id });
  }
}

/** Holds a task and a delivery while it is stopped, and says what becomes of its writes. */
async function bePaused(): Promise<void> {
  await (await session.start(() => 1)).snapshot();
  await session.notifications.wait();
  const delivery = await session.notifications.receive();
  const task = await session.start(async ({ signal, checkpoint, notify }) => {
    const resumed = new Promise((resolve) => process.once("SIGUSR2", resolve));
    say({ holding: true });
    await resumed;
    const writes = await Promise.allSettled([checkpoint.save(1), notify("x"), delivery.ack()]);
    say({ writes: writes.map(({ status }) => status), aborted: signal.aborted });
    return "too late";
  });
  await task.result().then(
    (value) => say({ result: value }),
    ({ code }) => say({ code }),
  );
  await manager.close();
}

/** Uses nearly everything, and closes nothing. */
async function endByItself(): Promise<void> {
  manager.onWake(async ({ session: own }) => own.notifications.drain(() => say({ woken: true })));
  session.notifications.subscribe(() => {});
  manager.on("task-end", () => {});
  const [definition] = tasks;
  if (definition === undefined) throw new Error("no definition");
  await session.start(definition, {}, { delayMs: 20 });
  await (await session.start(definition, {}, { timeoutMs: 60_000 })).result();
  await session.start(({ write, report }) => {
    report({ completed: 1 });
    return write("x");
  });
  await session.turn(() => {});
  say({ done: true });
}

/** The same, and then closes. */
async function endByClosing(): Promise<void> {
  await endByItself();
  void session.notifications.wait({ timeoutMs: 3_600_000 }).catch(() => {});
  await session.start(() => new Promise(() => {}), { timeoutMs: 3_600_000 });
  await session.start(() => 1, { delayMs: 3_600_000 });
  await manager.close();
}

const modes: Record<string, () => Promise<void>> = {
  work: workUntilKilled,
  pause: bePaused,
  end: endByItself,
  close: endByClosing,
};
await modes[mode]?.();
