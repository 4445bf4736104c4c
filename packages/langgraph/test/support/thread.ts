import { EventEmitter, once } from "node:events";
import {
  BackgroundManager,
  defineTask,
  type ManagerOptions,
  type NotificationQueue,
  type Session,
  type TaskDefinition,
} from "@meanwhile/core";
import { type VirtualClock, virtualClock } from "@meanwhile/core/testing";
import { z } from "zod";

type Research = TaskDefinition<{ topic: string }, string, { topic: string }>;

/** A thread of a real manager, with work that ends when the test says so. */
export interface TestThread extends AsyncDisposable {
  readonly manager: BackgroundManager;
  readonly session: Session;
  /** Names the thread in an invoke. */
  readonly config: { readonly configurable: { readonly thread_id: string } };
  /** Time stands still unless the test moves it. */
  readonly clock: VirtualClock;
  /** A definition: `{ name: "research", args: { topic } }`; ends by `finish(topic, …)`. */
  readonly research: Research;
  /** Resolves once research on the topic has begun. */
  begun(topic: string): Promise<void>;
  /** Ends a session's research on a topic, and resolves once its end is durable. */
  finish(topic: string, of?: Session): Promise<void>;
  /** Resolves when somebody waits for the thread's notifications, for the so-manieth time. */
  waited(times?: number): Promise<void>;
  /** Starts research on the topics, past the model, and ends it, in this order. */
  settle(...topics: string[]): Promise<void>;
}

export function openThread(
  options: ManagerOptions & { readonly thread?: string } = {},
): TestThread {
  const { thread = "thread-1", tasks = [], ...rest } = options;
  const work = new Map<string, ReturnType<typeof newWork>>();
  const of = (topic: string): ReturnType<typeof newWork> => {
    const known = work.get(topic) ?? newWork();
    work.set(topic, known);
    return known;
  };
  const research: Research = defineTask({
    name: "research",
    description: "Looks something up. Takes a while.",
    input: z.object({ topic: z.string() }),
    title: ({ topic }) => topic,
    run({ topic }) {
      of(topic).begun.resolve();
      return of(topic).result.promise;
    },
  });
  const clock = virtualClock();
  const manager = new BackgroundManager({ clock, ...rest, tasks: [research, ...tasks] });
  const session = manager.session(thread);
  const waits = countWaits(session.notifications);
  const sessionOf = manager.session.bind(manager);
  manager.session = (id) => (id === thread ? session : sessionOf(id));

  const opened: TestThread = {
    manager,
    session,
    config: { configurable: { thread_id: thread } },
    clock,
    research,
    waited: waits.reached,
    begun: (topic) => of(topic).begun.promise,
    async finish(topic, from = session) {
      const task = (await from.list()).findLast((one) => one.title === topic);
      if (task === undefined) throw new Error(`Nobody has started research on ${topic}.`);
      const ended = Promise.withResolvers<void>();
      const stop = manager.on("task-end", (event) => {
        if (event.taskId === task.id) ended.resolve();
      });
      of(topic).result.resolve(`all about ${topic}`);
      await ended.promise;
      stop();
    },
    async settle(...topics) {
      for (const topic of topics) {
        await session.start(research, { topic });
        await opened.finish(topic);
      }
    },
    [Symbol.asyncDispose]: () => manager.close({ running: "cancel" }),
  };
  return opened;
}

function newWork() {
  return { begun: Promise.withResolvers<void>(), result: Promise.withResolvers<string>() };
}

function countWaits(queue: NotificationQueue): { reached(times?: number): Promise<void> } {
  const counted = new EventEmitter();
  const { wait } = queue;
  let count = 0;
  queue.wait = (options) => {
    count += 1;
    counted.emit("wait");
    return wait(options);
  };
  return {
    async reached(times = 1) {
      while (count < times) await once(counted, "wait");
    },
  };
}
