import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BackgroundManager,
  type ManagerOptions,
  memoryStore,
  type Store,
} from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { type VirtualClock, virtualClock } from "../../src/testing/virtual-clock.ts";
import { type Crashable, crashable } from "./crashable.ts";
import { type Flaky, flaky } from "./flaky.ts";
import { type History, recordHistory } from "./history.ts";
import { type Pausable, pausable } from "./pausable.ts";
import { seeded } from "./seeded.ts";

export const storeKinds = ["memoryStore", "sqliteStore"] as const;
export type StoreKind = (typeof storeKinds)[number];

/** A folder, a store and a clock, and the managers that live on them one after another or at once. */
export interface World extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly directory: string;
  /** What was ever committed, by all managers. */
  readonly history: History;
  /** A new manager on the world's store and clock. */
  manager(options?: ManagerOptions): BackgroundManager;
  /** One that can be cut off from the store as a dead process is. */
  mortal(options?: ManagerOptions): { manager: BackgroundManager; crash: Crashable["crash"] };
  /** One whose storage can be made to fail. */
  flaky(
    options?: ManagerOptions,
  ): { manager: BackgroundManager } & Pick<Flaky, "failNext" | "failRead">;
  /** One whose process can be stopped for a while. */
  pausable(
    options?: ManagerOptions,
  ): { manager: BackgroundManager } & Pick<Pausable, "pause" | "resume">;
  /** Lets everything run until the condition holds; the clock stands still. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>;
}

const mostRounds = 20_000;
/** Real time beside, for files and processes on a machine that is busy. */
const leastMs = 4_000;

export async function createWorld(kind: StoreKind = "memoryStore"): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "meanwhile-world-"));
  const clock = virtualClock();
  const history = recordHistory();
  const managers: BackgroundManager[] = [];
  const shared = kind === "memoryStore" ? memoryStore() : undefined;
  const newStore = (): Store =>
    history.recorded(shared ?? sqliteStore({ path: join(directory, "state.db") }));

  function manager(options: ManagerOptions = {}): BackgroundManager {
    const made = new BackgroundManager({
      store: newStore(),
      directory,
      clock,
      random: seeded(managers.length + 1),
      ...options,
    });
    managers.push(made);
    return made;
  }

  return {
    clock,
    directory,
    history,
    manager,
    mortal(options) {
      const store = crashable(newStore());
      return { manager: manager({ ...options, store }), crash: store.crash };
    },
    flaky(options) {
      const store = flaky(newStore());
      const { failNext, failRead } = store;
      return { manager: manager({ ...options, store }), failNext, failRead };
    },
    pausable(options) {
      const { pause, resume, ...seen } = pausable(newStore(), clock);
      return { manager: manager({ ...options, ...seen }), pause, resume };
    },
    async until(condition) {
      const patient = performance.now() + leastMs;
      for (let round = 0; round < mostRounds || performance.now() < patient; round += 1) {
        if (await condition()) return;
        await clock.settle();
      }
      throw new Error(`Not so after ${mostRounds} rounds and ${leastMs} ms: ${condition}`);
    },
    async [Symbol.asyncDispose]() {
      const closing = Promise.all(managers.map((made) => made.close()));
      // Storage that was made to fail is tried again with delays.
      await clock.advance(60_000);
      await closing;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A promise that is settled from outside. */
export function gate<Value = void>(): {
  readonly opened: Promise<Value>;
  open(value: Value): void;
  fail(error: unknown): void;
} {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  promise.catch(() => {});
  return { opened: promise, open: resolve, fail: reject };
}

/** Ends when the signal aborts, and throws its reason. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
