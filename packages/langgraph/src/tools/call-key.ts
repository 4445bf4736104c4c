import { AIMessage } from "@langchain/core/messages";
import { type NodeConfig, placeOf } from "../thread/place.ts";

/** What a tool is called with. */
export interface CallConfig extends NodeConfig {
  readonly signal?: AbortSignal | undefined;
  readonly toolCall?: { readonly id?: string } | undefined;
  /** Of the thread, when the tool's node began. */
  readonly state?: unknown;
}

/**
 * Names a call of a tool, so that what it starts is not started twice. A node is run again after a
 * crash, and from its beginning when a tool beside this one asks a person. The message that has the
 * call is the same then, even where the step before was not saved, and another one wherever the
 * model has called anew.
 */
export function callKey(config: CallConfig | undefined): string | undefined {
  const id = config?.toolCall?.id;
  if (id === undefined) return undefined;
  const place = callingMessage(config?.state, id) ?? placeOf(config).task;
  return place === undefined ? undefined : `${place}:${id}`.slice(0, 500);
}

function callingMessage(state: unknown, callId: string): string | undefined {
  return messagesIn(state).findLast(
    (message): message is AIMessage =>
      AIMessage.isInstance(message) && (message.tool_calls ?? []).some(({ id }) => id === callId),
  )?.id;
}

function messagesIn(state: unknown): readonly unknown[] {
  if (Array.isArray(state)) return state;
  if (typeof state !== "object" || state === null || !("messages" in state)) return [];
  return Array.isArray(state.messages) ? state.messages : [];
}
