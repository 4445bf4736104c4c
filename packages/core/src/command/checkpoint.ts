import type { TaskContext } from "../task/context.ts";

/**
 * What is stored before a command starts, for whoever takes it up. The environment is not among
 * it: it may hold secrets, and the policy is asked again before anything is started anew.
 */
export interface CommandCheckpoint {
  /** Number of the run's folder in the task's. */
  readonly run: number;
  readonly attempt: number;
  /** Carried in the environment of the run's processes. */
  readonly marker: string;
  /** Bytes that the output file had before the run. */
  readonly outputStart: number;
  readonly executable: string;
  /** Wall milliseconds since 1970. */
  readonly startedAt: number;
}

/** The checkpoint saved last, by this or an earlier attempt. */
export function readCheckpoint(context: TaskContext): CommandCheckpoint | undefined {
  return context.checkpoint.read() as CommandCheckpoint | undefined;
}
