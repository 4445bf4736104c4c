import { BackgroundManager, defineTask, type Store, type TaskDefinition } from "@meanwhile/core";
import { type VirtualClock, virtualClock } from "@meanwhile/core/testing";
import { z } from "zod";
import { type Background, createBackground } from "../../src/index.ts";

type Research = TaskDefinition<{ topic: string }, string, { topic: string }>;

/** A chat of a real manager, with work that ends when the test says so. */
export interface TestChat extends AsyncDisposable {
  readonly manager: BackgroundManager;
  readonly background: Background;
  /** Time stands still unless the test moves it. */
  readonly clock: VirtualClock;
  /** A definition: `{ name: "research", input: { topic } }`; ends by `finish(topic, …)`. */
  readonly research: Research;
  /** Starts research on a topic, past the model. */
  start(topic: string): Promise<string>;
  /** Ends the research on a topic, and resolves once its end is durable. */
  finish(topic: string, result?: string): Promise<void>;
  /** Starts research on the topics and ends it, in this order. */
  settle(...topics: string[]): Promise<void>;
  /** Resolves when somebody waits for the chat's notifications. */
  waited(times?: number): Promise<void>;
}

/** What the research on a topic gives, and so how often it is told can be counted. */
const about = (topic: string): string => `all about ${topic}`;

export function openChat(options: { readonly store?: Store } = {}): TestChat {
  const work = new Map<string, PromiseWithResolvers<string>>();
  const of = (topic: string): PromiseWithResolvers<string> => {
    const known = work.get(topic) ?? Promise.withResolvers<string>();
    work.set(topic, known);
    return known;
  };
  const research: Research = defineTask({
    name: "research",
    description: "Looks something up. Takes a while.",
    input: z.object({ topic: z.string() }),
    title: ({ topic }) => topic,
    run: ({ topic }) => of(topic).promise,
  });
  const clock = virtualClock();
  const manager = new BackgroundManager({ ...options, tasks: [research], clock });
  const background = createBackground(manager, { session: "chat-1" });
  const { session } = background;
  const waits = countWaits(session.notifications);

  const chat: TestChat = {
    manager,
    background,
    clock,
    research,
    async start(topic) {
      return (await session.start(research, { topic }, { title: topic })).id;
    },
    async finish(topic, result = about(topic)) {
      const task = (await session.list()).find((one) => one.title === topic);
      const ended = Promise.withResolvers<void>();
      const stop = manager.on("task-end", (event) => {
        if (event.taskId === task?.id) ended.resolve();
      });
      of(topic).resolve(result);
      await ended.promise;
      stop();
    },
    async settle(...topics) {
      for (const topic of topics) {
        await chat.start(topic);
        await chat.finish(topic);
      }
    },
    waited: waits,
    [Symbol.asyncDispose]: () => manager.close({ running: "cancel" }),
  };
  return chat;
}

type Queue = Background["session"]["notifications"];

/** Watches the queue's `wait`, so that a test knows when a run has begun to wait. */
function countWaits(queue: Queue): (times?: number) => Promise<void> {
  const wait = queue.wait.bind(queue);
  let count = 0;
  let looks: (() => void)[] = [];
  Object.assign(queue, {
    wait(options: Parameters<Queue["wait"]>[0]) {
      count += 1;
      for (const look of looks) look();
      return wait(options);
    },
  } satisfies Pick<Queue, "wait">);
  return (times = 1) =>
    new Promise((resolve) => {
      const look = (): void => {
        if (count < times) return;
        looks = looks.filter((other) => other !== look);
        resolve();
      };
      looks.push(look);
      look();
    });
}

/** How often the lines tell of a topic's result. */
export function tellings(lines: readonly unknown[], topic: string): number {
  return JSON.stringify(lines).split(about(topic)).length - 1;
}
