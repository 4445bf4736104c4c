/** What one command may use. Every number is whole and at least 1. */
export interface CommandLimits {
  /** Milliseconds that it may run. @default no limit but the task's `timeoutMs` */
  readonly timeMs?: number;
  /** Bytes of output that are kept; the rest is dropped visibly. @default the manager's `outputBytes` */
  readonly outputBytes?: number;
  /**
   * What happens to a command that prints more than is kept: `"discard"` lets it go on and keeps
   * its exit code, `"stop"` ends it, and its task fails with `OUTPUT_LIMIT`. @default "discard"
   */
  readonly overflow?: "discard" | "stop";
  /** Files that each of its processes may have open. @default the system's */
  readonly openFiles?: number;
  /** Processes and threads that its tree may have at a time. @default the system's */
  readonly processes?: number;
  /** Seconds of processor time that each of its processes may use. @default no limit */
  readonly cpuSeconds?: number;
  /** Bytes of memory that its tree may use. @default no limit */
  readonly memoryBytes?: number;
}
