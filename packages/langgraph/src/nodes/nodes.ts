import { END, type LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BackgroundManager, ReceiveOptions, Session } from "@meanwhile/core";
import { park } from "../run/parked.ts";
import { hasOpenCalls, isAnswered } from "../thread/open-calls.ts";
import type { ThreadState, ThreadUpdate } from "../thread/state.ts";
import { tellingOf } from "../thread/telling.ts";
import { threadSession } from "../thread/thread-session.ts";
import { awaitNews } from "./await-news.ts";

export interface NodesOptions<Names extends NodeNames = DefaultNames> {
  /**
   * What becomes of a run that has nothing left to do while tasks are open: `"wait"` goes to the
   * node that waits or parks, `"end"` ends it.
   * @default "wait"
   */
  readonly idle?: "wait" | "end";
  /** How the graph calls its nodes. @default { model: "model", tools: "tools", drain: "drain", wait: "wait" } */
  readonly names?: Names;
  /** How much is told at once, and for how long it is leased. @default core's */
  readonly receive?: ReceiveOptions;
}

/** Names of nodes in the graph. */
export interface NodeNames {
  readonly model?: string;
  readonly tools?: string;
  readonly drain?: string;
  readonly wait?: string;
}

interface DefaultNames extends NodeNames {
  readonly model: "model";
  readonly tools: "tools";
  readonly drain: "drain";
  readonly wait: "wait";
}

type NameOf<Names extends NodeNames, Key extends keyof DefaultNames> = Names[Key] extends string
  ? Names[Key]
  : DefaultNames[Key];

/** A node that adds nothing by itself. */
type Pause = (
  state: ThreadState,
  config: LangGraphRunnableConfig,
) => Promise<Record<string, never>>;

/** Nodes and routes for a graph whose threads have background tasks. */
export interface Nodes<Names extends NodeNames = DefaultNames> {
  /** Adds what the thread is owed, as a new message behind everything else. Never waits. */
  readonly drainNotifications: (
    state: ThreadState,
    config: LangGraphRunnableConfig,
  ) => Promise<Partial<ThreadUpdate>>;
  /**
   * Waits until the thread is owed something, or has no open task. Streams what happens to its tasks
   * as `TaskChunk` on the `custom` stream. Holds the process and the turn.
   */
  readonly waitForTasks: Pause;
  /** Ends the run with an interrupt until the thread is owed something; see `isParked`. */
  readonly parkForTasks: Pause;
  /** Behind `drainNotifications`: to the model, unless there is nothing for it to answer. */
  readonly routeAfterDrain: (
    state: ThreadState,
    config: LangGraphRunnableConfig,
  ) => Promise<NameOf<Names, "model"> | NameOf<Names, "wait"> | typeof END>;
  /** Behind the model: to its tools, to what came meanwhile, to the wait for open tasks, or to the end. */
  readonly routeAfterModel: (
    state: ThreadState,
    config: LangGraphRunnableConfig,
  ) => Promise<
    NameOf<Names, "tools"> | NameOf<Names, "drain"> | NameOf<Names, "wait"> | typeof END
  >;
}

/** Nodes of a graph, for all of its threads: each run is that of the thread it names. */
export function createNodes<const Names extends NodeNames = DefaultNames>(
  manager: BackgroundManager,
  options: NodesOptions<Names> = {},
): Nodes<Names> {
  const { idle = "wait", receive } = options;
  const names = {
    ...{ model: "model", tools: "tools", drain: "drain", wait: "wait" },
    ...options.names,
  };
  const telling = tellingOf(manager);

  async function whenIdle(session: Session): Promise<string> {
    if (idle === "end") return END;
    const open = await session.list({ status: ["queued", "running"], limit: 1 });
    return open.length > 0 ? names.wait : END;
  }

  return {
    async drainNotifications(state, config) {
      const session = threadSession(manager, config);
      return (await telling.drain(session, state, { config, receive })) ?? {};
    },
    async waitForTasks(_state, config) {
      await awaitNews(manager, threadSession(manager, config), config);
      return {};
    },
    async parkForTasks(_state, config) {
      await park(threadSession(manager, config));
      return {};
    },
    async routeAfterDrain(state, config) {
      const next = isAnswered(state.messages ?? [])
        ? await whenIdle(threadSession(manager, config))
        : names.model;
      return next as NameOf<Names, "model">;
    },
    async routeAfterModel(state, config) {
      if (hasOpenCalls(state.messages ?? [])) return names.tools as NameOf<Names, "tools">;
      const session = threadSession(manager, config);
      // What ends during the first look is seen by the second.
      const next = await whenIdle(session);
      const isOwed = session.notifications.pending() > 0;
      return (isOwed ? names.drain : next) as NameOf<Names, "drain">;
    },
  };
}
