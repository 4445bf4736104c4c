import type { StructuredToolInterface } from "@langchain/core/tools";
import { getConfig } from "@langchain/langgraph";
import type { AnyDefinition, BackgroundManager, ReceiveOptions } from "@meanwhile/core";
import {
  type DrainOptions,
  hasOpenCalls,
  isAnswered,
  tellingOf,
  threadSession,
  threadTools,
  toldIn,
} from "@meanwhile/langgraph";
import { type AgentMiddleware, createMiddleware, type Runtime } from "langchain";
import { announcement, isSame, remember } from "./history.ts";
import { isInsideTool } from "./place.ts";
import { threadChannels } from "./state.ts";

export interface MeanwhileMiddlewareOptions {
  readonly manager: BackgroundManager;
  /** What the model may start, a tool each. @default the manager's `tasks` */
  readonly definitions?: readonly AnyDefinition[];
  /**
   * Milliseconds that a call of such a tool waits for the result before it answers that the task
   * runs on. @default 0
   */
  readonly graceMs?: number;
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
  const { manager, definitions, graceMs, receive } = options;
  const telling = tellingOf(manager);

  return createMiddleware({
    name: "Meanwhile",
    stateSchema: threadChannels,
    tools: threadTools(manager, {
      ...(definitions && { definitions }),
      ...(graceMs !== undefined && { graceMs }),
    }),
    async beforeAgent(state, runtime) {
      if (isInsideTool(manager, runtime) || isSaved(runtime)) return;
      // The conversation is what the caller has kept: so that is what was told.
      await telling.settle(threadSession(manager, runtime), toldIn(state));
    },
    beforeModel: {
      canJumpTo: ["end"],
      async hook(state, runtime) {
        if (isInsideTool(manager, runtime) || hasOpenCalls(state.messages)) return undefined;
        const session = threadSession(manager, runtime);
        const told = await telling.drain(session, state, { config: placed(runtime), receive });
        if (told === undefined && isAnswered(state.messages)) return { jumpTo: "end" };
        const before = state._meanwhileHistory;
        const messages = [...(told?.messages ?? [])];
        const announced = await announcement(session, before, remember(state.messages), {
          unread: false,
        });
        if (announced !== undefined) messages.push(announced);
        const now = remember([...state.messages, ...messages]);
        if (messages.length === 0 && isSame(before, now)) return undefined;
        return { messages, _meanwhile: told?._meanwhile ?? [], _meanwhileHistory: now };
      },
    },
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

/** Whether the run has a checkpointer: LangGraph hands it to the nodes under this name. */
function isSaved({ configurable }: Runtime): boolean {
  return Boolean(configurable?.["__pregel_checkpointer"]);
}

/** The runtime of a hook, with what only the node's own configuration says. */
function placed(runtime: Runtime): DrainOptions["config"] {
  return { ...getConfig(), configurable: runtime.configurable };
}
