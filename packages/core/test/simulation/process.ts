import {
  type AnyDefinition,
  BackgroundManager,
  type Clock,
  type Random,
  type Store,
} from "../../src/index.ts";
import { pausable } from "../support/pausable.ts";

/** A manager in a process that can be slow, be stopped for a while, and die at any commit. */
export interface SimulatedProcess {
  readonly manager: BackgroundManager;
  readonly alive: boolean;
  /** Stops it for longer than its lease, perhaps; nothing of it happens until `resume`. */
  pause(): void;
  resume(): Promise<void>;
  readonly paused: boolean;
  /** Dies at one of the next commits, before or after it was applied. */
  dieSoon(): void;
  die(): void;
  /** Will not die of itself any more. */
  outliving(): SimulatedProcess;
}

const leaseMs = 3_000;

export function startProcess(world: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly tasks: readonly AnyDefinition[];
  readonly directory: string;
}): SimulatedProcess {
  const { random } = world;
  let alive = true;
  let paused = false;
  let commitsToLive = Number.POSITIVE_INFINITY;
  let hear = (): void => {};
  /** What was said during a pause waits in the socket. */
  let missed = false;

  async function turns(most: number): Promise<void> {
    for (let left = Math.floor(random() * (most + 1)); left > 0; left -= 1) {
      await new Promise<void>((resolve) => world.clock.immediate(resolve));
    }
  }

  function die(): void {
    alive = false;
    // Lets go of its timers; whatever it tries to write is refused.
    void manager.close();
  }

  function refuseDead(): void {
    if (!alive) throw new Error("The process is dead.");
  }

  /** What is read may be old by the time it arrives, as with any store that is not in memory. */
  async function slowly<Value>(use: () => Promise<Value>): Promise<Value> {
    refuseDead();
    await turns(1);
    const value = await use();
    await turns(1);
    refuseDead();
    return value;
  }

  const { store } = world;
  const slow: Store = {
    open: (options) => store.open(options),
    async commit(changes) {
      refuseDead();
      commitsToLive -= 1;
      const before = random() < 0.5;
      if (commitsToLive <= 0 && before) die();
      refuseDead();
      await turns(2);
      refuseDead();
      const outcomes = await store.commit(changes);
      if (commitsToLive <= 0) die();
      refuseDead();
      await turns(2);
      return outcomes;
    },
    task: (id) => slowly(() => store.task(id)),
    tasks: (query) => slowly(() => store.tasks(query)),
    notifications: (query) => slowly(() => store.notifications(query)),
    messages: (id, after) => slowly(() => store.messages(id, after)),
    sessions: (now, session) => slowly(() => store.sessions(now, session)),
    owners: () => slowly(() => store.owners()),
    subscribe(listener) {
      hear = () => listener("all");
      return store.subscribe((change) => {
        if (paused) missed = true;
        else if (alive) listener(change);
      });
    },
    close: () => store.close(),
  };
  const stoppable = pausable(slow, world.clock);
  const manager = new BackgroundManager({
    store: stoppable.store,
    clock: stoppable.clock,
    random,
    tasks: world.tasks,
    directory: world.directory,
    leaseMs,
    limits: { concurrency: 4, perSession: { concurrency: 3 } },
  });
  const simulated: SimulatedProcess = {
    manager,
    get alive() {
      return alive;
    },
    get paused() {
      return paused;
    },
    pause() {
      paused = true;
      stoppable.pause();
    },
    async resume() {
      paused = false;
      await stoppable.resume();
      if (missed && alive) hear();
      missed = false;
    },
    dieSoon() {
      commitsToLive = Math.floor(random() * 6);
    },
    die,
    outliving() {
      commitsToLive = Number.POSITIVE_INFINITY;
      return simulated;
    },
  };
  return simulated;
}
