/**
 * A process in which one thing goes wrong: `node bad-process.ts <role> <folder>`. It handles no
 * uncaught exception and no unhandled rejection, never calls `process.exit`, and reports what
 * happens, one line of JSON each. Whether it survives and ends by itself is for the test to see.
 */
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { statfsSync, writeFileSync, writeSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  BackgroundManager,
  type ManagerOptions,
  MeanwhileError,
  type TaskContext,
} from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";

const [, , role = "", folder = ""] = process.argv;
const path = join(folder, "state.db");

function open(options: ManagerOptions = {}): BackgroundManager {
  return new BackgroundManager({ store: sqliteStore({ path }), directory: folder, ...options });
}

const roles: { readonly [role: string]: () => Promise<void> } = {
  /** Tasks that do everything wrong, and listeners too. */
  async misbehave() {
    const manager = open({ limits: { perSession: { concurrency: 8 } } });
    const session = manager.session("s");
    const oops = (): never => {
      throw new Error("listener");
    };
    const rejecting = (): Promise<never> => Promise.reject(new Error("listener"));
    for (const name of ["task-start", "task-end", "notification", "listener-error"] as const) {
      manager.on(name, oops);
      manager.on(name, rejecting as () => void);
    }
    session.notifications.subscribe(oops);
    session.notifications.subscribe(rejecting as () => void);
    let late: TaskContext | undefined;
    const tasks = await Promise.all([
      session.start(() => {
        // biome-ignore lint/style/useThrowOnlyError: what the test is about
        throw undefined;
      }),
      session.start(() => Promise.reject("text")),
      session.start(() => Promise.reject(Object.create(null))),
      session.start(() => 10n),
      session.start(() => new Promise(() => {}), { timeoutMs: 50 }),
      session.start(
        async (context) => {
          late = context;
          await once(context.signal, "abort");
          throw new Error("too late");
        },
        { timeoutMs: 50 },
      ),
      session.start(() => ({
        // biome-ignore lint/suspicious/noThenProperty: what the test is about
        get then(): never {
          throw new Error("no then");
        },
      })),
    ]);
    const results = await Promise.allSettled(tasks.map((task) => task.result()));
    for (const result of results) {
      report(result.status === "rejected" ? codeOf(result.reason) : result.value);
    }
    // Nobody waits for these.
    void late?.write("text");
    void late?.notify("text");
    void late?.checkpoint.save(1n);
    await new Promise((resolve) => setImmediate(resolve));
    await manager.close();
  },

  /** Starts 1,000 tasks from inside a task, each of which fails. */
  async thousand() {
    const manager = open();
    const session = manager.session("s");
    const outer = await session.start(async () => {
      const inner = await Promise.all(
        Array.from({ length: 1_000 }, () => session.start(() => Promise.reject(undefined))),
      );
      const ends = await Promise.allSettled(inner.map((task) => task.result()));
      return ends.filter(({ status }) => status === "rejected").length;
    });
    report(await outer.result());
    await manager.close();
  },

  /** A manager that cannot open its store, and is never closed. */
  async unopenable() {
    writeFileSync(path, "This is not a database. ".repeat(100));
    const manager = open();
    manager.onWake(() => {});
    manager.session("s").notifications.subscribe(() => {});
    await manager.open().catch((error: unknown) => report(codeOf(error)));
    await manager
      .session("s")
      .start(() => {})
      .catch((error: unknown) => report(codeOf(error)));
  },

  /** Everybody waits for something that never comes when the manager closes. */
  async closing() {
    const manager = open();
    const session = manager.session("s");
    const task = await session.start(() => new Promise(() => {}));
    const queued = await session.start(() => {}, { delayMs: 1_000_000 });
    const began = Promise.withResolvers<void>();
    const turning = manager.session("s").turn(({ signal }) => {
      began.resolve();
      return once(signal, "abort").then(() => "aborted");
    });
    await began.promise;
    // As a program does it that has not thought of closing.
    const waits = [
      task.result(),
      queued.result(),
      session.notifications.wait(),
      session.notifications.wait({ timeoutMs: 1_000_000 }),
      manager.session("other").turn(({ signal }) => once(signal, "abort")),
      turning,
      (async () => {
        for await (const _event of queued.events());
      })(),
    ];
    const told = Promise.allSettled(waits);
    await new Promise((resolve) => setImmediate(resolve));
    await manager.close();
    for (const answer of await told) {
      report(answer.status === "rejected" ? codeOf(answer.reason) : (answer.value ?? "ended"));
    }
  },

  /** A manager that nobody closes, with nothing to do. */
  async forgotten() {
    const manager = open();
    const task = await manager.session("s").start(() => "done");
    report(await task.result());
  },

  /** A subscriber of a diagnostics channel throws: Node's own rule makes that an uncaught exception. */
  async channel() {
    process.on("uncaughtException", (error) => report(error.message));
    subscribe("meanwhile:task-end", () => {
      throw new Error("subscriber");
    });
    const manager = open();
    const task = await manager.session("s").start(() => "done");
    report(await task.result());
    await manager.close();
  },

  /** The disk is read-only. */
  async readOnly() {
    const manager = open();
    await manager.open().catch((error: unknown) => report(codeOf(error)));
    await manager.close();
  },

  /** The disk fills while a task runs, and there is room again later. */
  async full() {
    const manager = open();
    const session = manager.session("s");
    let storageErrors = 0;
    const failedWrite = Promise.withResolvers<void>();
    manager.on("store-error", ({ error }) => {
      if (!MeanwhileError.isInstance(error, "STORE_FULL")) report(String(error));
      storageErrors += 1;
      failedWrite.resolve();
    });
    const end = Promise.withResolvers<string>();
    const running = await session.start(() => end.promise);
    const ballast = join(folder, "ballast");
    fillDisk(ballast);
    const refused = await session
      .start(() => {}, { title: "x".repeat(200) })
      .then(
        () => "started",
        (error: unknown) => codeOf(error),
      );
    report(refused);
    // More than what is left in the log's last page.
    end.resolve("result ".repeat(10_000));
    await failedWrite.promise;
    report((await running.snapshot()).status);
    await rm(ballast);
    report((await running.result()).length);
    report(storageErrors > 0);
    report((await session.list()).length);
    report(await (await session.start(() => "after")).result());
    await manager.close();
  },

  /** The disk is still full when the manager closes. */
  async fullAtClose() {
    const manager = open();
    const session = manager.session("s");
    await session.start(() => new Promise(() => {}));
    fillDisk(join(folder, "ballast"));
    await manager.close();
    report("closed");
  },
};

/** Leaves no block of the file system free. */
function fillDisk(ballast: string): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, Buffer.alloc(bavail * bsize));
}

function codeOf(error: unknown): string {
  return MeanwhileError.isInstance(error) ? error.code : String(error);
}

function report(value: unknown): void {
  writeSync(1, `${JSON.stringify(value)}\n`);
}

await roles[role]?.();
