import type { BaseMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import {
  type AnyDefinition,
  type BackgroundManager,
  MeanwhileError,
  type ReceiveOptions,
} from "@meanwhile/core";
import {
  hasOpenCalls,
  isAnswered,
  type ThreadUpdate,
  tellingOf,
  threadSession,
  threadTools,
  toldIn,
} from "@meanwhile/langgraph";
import { type AgentMiddleware, createMiddleware, type Runtime } from "langchain";
import { announcement, isSame, type Remembered, remember } from "./history.ts";
import { type Idle, untilNews } from "./idle.ts";
import { isInsideTool, isSaved, placed } from "./place.ts";
import { threadChannels } from "./state.ts";

/** What is read of a thread's state. */
interface State {
  readonly messages: BaseMessage[];
  readonly _meanwhile?: readonly string[];
  readonly _meanwhileHistory?: Remembered | undefined;
}

export interface MeanwhileMiddlewareOptions {
  readonly manager: BackgroundManager;
  /** What the model may start, a tool each. @default the manager's `tasks` */
  readonly definitions?: readonly AnyDefinition[];
  /**
   * Milliseconds that a call of such a tool waits for the result before it answers that the task
   * runs on. @default 0
   */
  readonly graceMs?: number;
  /**
   * What becomes of a run that has nothing left to do while tasks of its thread are open. `"end"`
   * ends it: a runner, or the next run, tells what comes. `"wait"` waits, which holds the thread,
   * and streams as `TaskChunk` on the `custom` stream what the tasks do. `"park"` interrupts it,
   * until a runner wakes the thread; see `isParked`.
   * @default "end"
   */
  readonly idle?: Idle;
  /** How much is told at once, and for how long it is leased. @default core's */
  readonly receive?: ReceiveOptions;
}

/**
 * Background tasks for an agent: its tools, and what the thread is owed, told before the next model
 * call in a new message behind everything else. A run that has nothing new for the model, such as a
 * wake without cause, ends without calling it.
 *
 * @throws MeanwhileError as `session.tools`; in a run, `INVALID_OPTION` for one that has no
 * `thread_id`
 */
export function meanwhileMiddleware(
  options: MeanwhileMiddlewareOptions,
): AgentMiddleware<undefined, undefined, unknown, readonly StructuredToolInterface[]> {
  const { manager, definitions, graceMs, receive, idle = "end" } = options;
  checkIdle(idle);
  const telling = tellingOf(manager);

  const drain = (state: State, runtime: Runtime): Promise<ThreadUpdate | undefined> =>
    telling.drain(threadSession(manager, runtime), state, { config: placed(runtime), receive });

  /** Nothing for the model to answer: an end, unless the thread is owed something, or will be. */
  async function whenIdle(state: State, runtime: Runtime): Promise<ThreadUpdate | undefined> {
    if (idle === "end") return drain(state, runtime);
    const session = threadSession(manager, runtime);
    const { messages } = state;
    return untilNews(idle, {
      ...{ manager, session, messages, runtime },
      drain: () => drain(state, runtime),
    });
  }

  return createMiddleware({
    name: "Meanwhile",
    stateSchema: threadChannels,
    tools: threadTools(manager, {
      ...(definitions && { definitions }),
      ...(graceMs !== undefined && { graceMs }),
    }),
    beforeModel: {
      canJumpTo: ["end"],
      async hook(state, runtime) {
        const { messages } = state;
        if (isInsideTool(manager, runtime)) return undefined;
        if (state._meanwhileHistory === undefined && !isSaved(runtime)) {
          // A run begins whose conversation is what the caller has kept: so that is what was told.
          await telling.settle(threadSession(manager, runtime), toldIn(state));
        }
        if (hasOpenCalls(messages)) return undefined;
        const told = isAnswered(messages)
          ? await whenIdle(state, runtime)
          : await drain(state, runtime);
        if (told === undefined && isAnswered(messages)) return { jumpTo: "end" };
        const announced = await announcement(
          threadSession(manager, runtime),
          state._meanwhileHistory,
          remember(messages),
          { unread: false },
        );
        const added = [...(told?.messages ?? []), ...(announced === undefined ? [] : [announced])];
        const now = remember([...messages, ...added]);
        if (added.length === 0 && isSame(state._meanwhileHistory, now)) return undefined;
        return { messages: added, _meanwhile: told?._meanwhile ?? [], _meanwhileHistory: now };
      },
    },
    ...(idle !== "end" && {
      afterAgent: {
        canJumpTo: ["tools" as const],
        async hook(state: State, runtime: Runtime) {
          if (isInsideTool(manager, runtime)) return undefined;
          const told = await whenIdle(state, runtime);
          // By way of the tools, though none is called: a jump to the model would leave out what
          // other middleware does before a model call.
          return told === undefined ? undefined : { ...told, jumpTo: "tools" as const };
        },
      },
    }),
    async wrapModelCall(request, handler) {
      const { messages, state, runtime } = request;
      if (isInsideTool(manager, runtime)) return handler(request);
      // What another middleware condensed behind our look: the next look announces it for good.
      const announced = await announcement(
        threadSession(manager, runtime),
        state._meanwhileHistory,
        remember(state.messages),
        { unread: true },
      );
      if (announced === undefined) return handler(request);
      return handler({ ...request, messages: [...messages, announced] });
    },
  }) as unknown as AgentMiddleware<
    undefined,
    undefined,
    unknown,
    readonly StructuredToolInterface[]
  >;
}

function checkIdle(idle: Idle): void {
  if (["end", "wait", "park"].includes(idle)) return;
  throw new MeanwhileError("INVALID_OPTION", 'idle must be "end", "wait" or "park".');
}
