import {
  BackgroundManager,
  defineTask,
  type ManagerOptions,
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
  finish(topic: string, result?: string, of?: Session): Promise<void>;
  /** Resolves when somebody waits for the thread's notifications, once more for each call. */
  waits(): Promise<void>;
  /** Starts research on the topics, past the model, and ends it, in this order. */
  settle(...topics: string[]): Promise<void>;
}

/** What the research on a topic gives, and so how often it is told can be counted. */
const about = (topic: string): string => `all about ${topic}`;

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
  const waits = countWaits(manager, thread);
  const session = manager.session(thread);

  const opened: TestThread = {
    manager,
    session,
    config: { configurable: { thread_id: thread } },
    clock,
    research,
    begun: (topic) => of(topic).begun.promise,
    async finish(topic, result = about(topic), from = session) {
      const task = (await from.list()).findLast((one) => one.title === topic);
      if (task === undefined) throw new Error(`Nobody has started research on ${topic}.`);
      const ended = Promise.withResolvers<void>();
      const stop = manager.on("task-end", (event) => {
        if (event.taskId === task.id) ended.resolve();
      });
      of(topic).result.resolve(result);
      await ended.promise;
      stop();
    },
    waits,
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

/** How often the lines tell of a topic's result. */
export function tellings(lines: readonly unknown[], topic: string): number {
  return JSON.stringify(lines).split(about(topic)).length - 1;
}

/** Watches the waiting of a session's queue, so that a test knows when a run has begun to wait. */
function countWaits(manager: BackgroundManager, thread: string): () => Promise<void> {
  const open = manager.session.bind(manager);
  let looks: PromiseWithResolvers<void>[] = [];
  let unseen = 0;
  manager.session = (id) => {
    const session = open(id);
    if (id !== thread) return session;
    const { notifications } = session;
    const wait = notifications.wait.bind(notifications);
    return {
      ...session,
      notifications: Object.assign(notifications, {
        wait(options: Parameters<typeof wait>[0]) {
          const look = looks.shift();
          if (look === undefined) unseen += 1;
          else look.resolve();
          return wait(options);
        },
      }),
    };
  };
  return async () => {
    if (unseen > 0) {
      unseen -= 1;
      return;
    }
    const look = Promise.withResolvers<void>();
    looks = [...looks, look];
    await look.promise;
  };
}
