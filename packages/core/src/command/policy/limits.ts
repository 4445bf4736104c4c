/** What one command may use. Every field is a whole number of at least 1. */
export interface CommandLimits {
  /** Milliseconds that it may run. @default no limit but the task's `timeoutMs` */
  readonly timeMs?: number;
  /** Bytes of output that are kept; the rest is dropped visibly. @default the manager's `outputBytes` */
  readonly outputBytes?: number;
  /** Files that each of its processes may have open. @default the system's */
  readonly openFiles?: number;
  /** Processes and threads that its tree may have at a time. @default the system's */
  readonly processes?: number;
  /** Seconds of processor time that each of its processes may use. @default no limit */
  readonly cpuSeconds?: number;
  /** Bytes of memory that its tree may use. @default no limit */
  readonly memoryBytes?: number;
}
