import { type NodeConfig, placeOf } from "../thread/place.ts";

/** What a tool is called with. */
export interface CallConfig extends NodeConfig {
  readonly signal?: AbortSignal | undefined;
  readonly toolCall?: { readonly id?: string } | undefined;
}

/**
 * Names a call of a tool, so that what it starts is not started twice. A node is run again after a
 * crash, and from its beginning when a tool beside this one asks a person. Its own id is the same
 * then, and another one wherever the model has called anew.
 */
export function callKey(config: CallConfig | undefined): string | undefined {
  const { task } = placeOf(config);
  const id = config?.toolCall?.id;
  return task === undefined || id === undefined ? undefined : `${task}:${id}`.slice(0, 500);
}
