import {
  BackgroundManager,
  defineTask,
  type Session,
  type Store,
  type TaskDefinition,
} from "@meanwhile/core";
import { type VirtualClock, virtualClock } from "@meanwhile/core/testing";
import { z } from "zod";

type Research = TaskDefinition<{ topic: string }, string, { topic: string }>;

/** A session of a real manager, with work that ends when the test says so. */
export interface TestSession extends AsyncDisposable {
  readonly manager: BackgroundManager;
  readonly session: Session;
  /** Time stands still unless the test moves it. */
  readonly clock: VirtualClock;
  /** A definition: `{ name: "research", input: { topic } }`; ends by `finish(topic, …)`. */
  readonly research: Research;
  /** Starts research on a topic, past the model. */
  start(topic: string, options?: { readonly notify?: "always" | "never" }): Promise<string>;
  /** Ends the research on a topic, and resolves once its end is durable. */
  finish(topic: string, result?: string): Promise<void>;
  /** Starts research on the topics and ends it, in this order. */
  settle(...topics: string[]): Promise<void>;
}

export function openSession(options: { readonly store?: Store } = {}): TestSession {
  const work = new Map<string, PromiseWithResolvers<string>>();
  const of = (topic: string): PromiseWithResolvers<string> => {
    const known = work.get(topic) ?? Promise.withResolvers<string>();
    work.set(topic, known);
    return known;
  };
  const research = defineResearch((topic) => of(topic).promise);
  const clock = virtualClock();
  const manager = new BackgroundManager({ ...options, tasks: [research], clock });
  const session = manager.session("chat-1");

  const test: TestSession = {
    manager,
    session,
    clock,
    research,
    async start(topic, options) {
      return (await session.start(research, { topic }, { title: topic, ...options })).id;
    },
    async finish(topic, result = `all about ${topic}`) {
      const [task] = (await session.list()).filter((one) => one.title === topic);
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
        await test.start(topic);
        await test.finish(topic);
      }
    },
    [Symbol.asyncDispose]: () => manager.close({ running: "cancel" }),
  };
  return test;
}

function defineResearch(run: (topic: string) => Promise<string>): Research {
  return defineTask({
    name: "research",
    description: "Looks something up. Takes a while.",
    input: z.object({ topic: z.string() }),
    title: ({ topic }) => topic,
    run: ({ topic }) => run(topic),
  });
}
