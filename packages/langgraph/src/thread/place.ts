import type { ThreadConfig } from "./thread-session.ts";

/** Where in a thread's history a node runs, as far as its configuration says. */
export interface Place {
  /** The checkpoint that the step began with. */
  readonly checkpoint: string | undefined;
  /** The node's own run; the same when the step is run again. */
  readonly task: string | undefined;
  /** Whether the run was begun from a checkpoint that was named, which may be an older one. */
  readonly isAddressed: boolean;
}

/** The configuration of a node, or the runtime of a middleware. */
export interface NodeConfig extends ThreadConfig {
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly executionInfo?: { readonly checkpointId?: string; readonly taskId?: string } | undefined;
}

export function placeOf(config: NodeConfig | undefined): Place {
  return {
    checkpoint: config?.executionInfo?.checkpointId,
    task: config?.executionInfo?.taskId,
    isAddressed: config?.metadata?.["checkpoint_id"] !== undefined,
  };
}
