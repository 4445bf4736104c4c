import type { Containment } from "../store/store.ts";
import type { TaskContext } from "../task/context.ts";

/**
 * What is stored before a command starts, for whoever takes it up. The environment is not among
 * it: it may hold secrets, and the policy is asked again before anything is started anew.
 */
export interface CommandCheckpoint {
  /** Number of the run's files in the task's folder. */
  readonly run: number;
  readonly attempt: number;
  /**
   * Set when it was started without a wrapper, so that nobody else can take it up: `"runs"` as far as
   * is known, or `"ended"` by its manager, which closed.
   */
  readonly direct?: "runs" | "ended";
  /** Carried in the environment of the run's processes. */
  readonly marker: string;
  /** The control group of the run's processes, if it has one. */
  readonly cgroup?: string;
  readonly containment: Containment;
  /** Bytes that the output file had before the run. */
  readonly outputStart: number;
  /** Most bytes that the output file may have. */
  readonly maxBytes: number;
  readonly executable: string;
  /** Wall milliseconds since 1970. */
  readonly startedAt: number;
  /** The most milliseconds that the policy lets it run. */
  readonly timeMs?: number;
  /** What happens when it prints more than is kept. */
  readonly overflow: "discard" | "stop";
  /** What happens to processes that run on when it has ended. */
  readonly leftovers: "end" | "report";
}

/** The checkpoint saved last, by this or an earlier attempt. */
export function readCheckpoint(context: TaskContext): CommandCheckpoint | undefined {
  return context.checkpoint.read() as CommandCheckpoint | undefined;
}
