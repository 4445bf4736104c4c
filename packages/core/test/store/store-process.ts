/**
 * A process that has a store open: `node store-process.ts <role> <path>`. It reports what happens,
 * one line of JSON each, on its standard output.
 */
import { rmSync, writeFileSync, writeSync } from "node:fs";
import { systemClock } from "../../src/clock/system-clock.ts";
import { MeanwhileError } from "../../src/errors.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import type { Change, Outcomes, Store } from "../../src/store/store.ts";
import { notificationRecord, start, taskRecord } from "../../src/testing/store-suite/scenario.ts";

const [, , role = "", path = ""] = process.argv;

const roles: { readonly [role: string]: (store: Store) => Promise<void> } = {
  /** Commits whole tasks without end: each is stored, settled and notified of in one commit. */
  async write(store) {
    const fence = await register(store, `writer-${process.pid}`);
    for (let index = 0; ; index++) {
      const id = `${process.pid}-${index}`;
      await store.commit(wholeTask(id, fence));
      report(id);
    }
  },

  /** Claims one task after the other until there is none. */
  async claim(store) {
    const fence = await register(store, `claimer-${process.pid}`);
    report("ready");
    await new Promise((resolve) => process.stdin.once("data", resolve));
    for (;;) {
      const [outcome] = (await store.commit([
        { type: "claim", session: "s", limit: 1, fence, names: ["work"], now: start },
      ])) as [Outcomes["claim"]];
      const [task] = outcome.tasks;
      if (task === undefined) break;
      report(task.id);
    }
    process.stdin.destroy();
    await store.close();
  },

  /** Opens, registers and ends. */
  async register(store) {
    report(await register(store, `owner-${process.pid}`));
    await store.close();
  },

  /** Reports what others commit. */
  async listen(store) {
    store.subscribe((change) => report(change === "all" ? "all" : [...change]));
    report("ready");
    await new Promise((resolve) => process.stdin.once("end", resolve).resume());
    await store.close();
  },

  /** Subscribes and leaves it at that: nothing but the store could keep the process running. */
  async idle(store) {
    store.subscribe(() => {});
    report("ready");
  },

  /** Fills a disk, and goes on once there is room. */
  async fill(store) {
    const fence = await register(store, "filler");
    const ballast = `${path}.ballast`;
    writeFileSync(ballast, Buffer.alloc(500_000));
    let stored = 0;
    for (;;) {
      try {
        await store.commit(wholeTask(`t${stored}`, fence, "x".repeat(20_000)));
        stored += 1;
      } catch (error) {
        report(codeOf(error));
        break;
      }
    }
    const tasks = await store.tasks({ limit: 10_000 });
    report(tasks.length === stored && tasks.every((task) => task.status === "completed"));
    await new Promise((resolve) => process.stdin.once("data", resolve));
    rmSync(ballast);
    await store.commit(wholeTask("after", fence, "x".repeat(20_000)));
    report((await store.task("after"))?.status);
    process.stdin.destroy();
    await store.close();
  },

  /** Writes once. */
  async touch(store) {
    report(await register(store, "toucher"));
    await store.close();
  },
};

function wholeTask(id: string, fence: string, output = "1"): readonly Change[] {
  const running = { status: "running", attempt: 1, fence, startedAt: start } as const;
  return [
    { type: "insert", task: taskRecord(id, running) },
    { type: "message", id, session: "s", text: "hello" },
    {
      type: "settle",
      id,
      fence,
      attempt: 1,
      status: "completed",
      output,
      error: null,
      at: start,
      notification: notificationRecord(`n-${id}`, id),
    },
  ];
}

async function register(store: Store, owner: string): Promise<string> {
  const [outcome] = (await store.commit([
    { type: "register", owner, identity: "", until: start },
  ])) as [Outcomes["register"]];
  return outcome.registered ? outcome.owner.fence : "refused";
}

function codeOf(error: unknown): string {
  return MeanwhileError.isInstance(error) ? error.code : String(error);
}

/** At once, so that nothing is reported that a kill could take back. */
function report(value: unknown): void {
  writeSync(1, `${JSON.stringify(value)}\n`);
}

const store = sqliteStore({ path, synchronous: role === "fill" ? "full" : "normal" });
try {
  await store.open({ clock: systemClock() });
  await roles[role]?.(store);
} catch (error) {
  report(codeOf(error));
}
