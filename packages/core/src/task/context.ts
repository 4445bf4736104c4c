import type { Clock } from "../clock/clock.ts";
import type { CommandPolicy } from "../command/policy/policy.ts";
import type { Containment, Progress } from "../store/store.ts";
import type { ActivityProbe } from "./activity.ts";

/** What a running task can use. */
export interface TaskContext {
  /** Which task and attempt this is. */
  readonly task: {
    readonly id: string;
    readonly session: string;
    readonly name: string;
    /** 1 for the first attempt. */
    readonly attempt: number;
  };
  /**
   * Aborts on cancel, timeout, close and loss of ownership. Its reason is a `MeanwhileError` with
   * code `CANCELLED`, `TIMEOUT`, `CLOSED` or `LEASE_LOST`. `CLOSED` means that the manager closes
   * with `running: "leave"`: let go of outside work without ending it.
   */
  readonly signal: AbortSignal;
  /**
   * Says how far the task is. Stored at most about four times a second; after the end it is
   * ignored.
   * @throws MeanwhileError `INVALID_INPUT` for what is no object
   */
  report(progress: Progress): void;
  /**
   * Appends to the task's output: text, or bytes. Resolves when more may be written; past the
   * manager's `outputBytes` the rest is dropped and the output is marked truncated. It need not be
   * awaited.
   * @throws MeanwhileError `INVALID_INPUT`; `TASK_SETTLED` once the task has ended
   */
  write(chunk: string | Uint8Array): Promise<void>;
  /**
   * Owes the session a notification of kind `message`, of at most 4000 characters. Resolves once
   * it is durable.
   * @throws MeanwhileError `INVALID_INPUT`; `TASK_SETTLED` once the task has ended
   */
  notify(text: string): Promise<void>;
  /** What outlives an attempt: the next one goes on from it. */
  readonly checkpoint: {
    /** The value saved last, by this or an earlier attempt; undefined if there is none. */
    read(): unknown;
    /**
     * Resolves once the value, plain JSON of at most 1 MiB, is durable.
     * @throws MeanwhileError `NOT_SERIALIZABLE`, `TASK_SETTLED`, `LEASE_LOST`, a `STORE…` code
     */
    save(value: unknown): Promise<void>;
  };
  /** What `task.send` was given, from the first; ends when the attempt ends. One reader at a time. */
  readonly messages: AsyncIterable<string>;
  /** Folder of the task's own, made on first use with mode 0700 and deleted with the task. */
  directory(): Promise<string>;
  /**
   * Where the output is the file `name` of the task's folder, written by another process, rather
   * than by `write`. Its size is capped by whoever writes it, at `maxBytes` if that is not
   * `outputBytes`.
   * @throws MeanwhileError `INVALID_OPTION` for a name that leads out of the folder
   */
  outputFile(name: string, options?: { readonly maxBytes?: number }): void;
  /**
   * Waits for what is not this task's work, such as a person's answer: `what` says for what, in a
   * word or two. Until `work` settles the task is shown to wait, has no slot, so that others run,
   * and its timeout stands still; then it goes on as soon as the limits allow. Rejects at once, with
   * the signal's reason, when that aborts, even if `work` never settles. The task must do nothing
   * else meanwhile, nor wait for two things at a time.
   * @throws MeanwhileError `INVALID_INPUT`; `TASK_SETTLED` once the task has ended; what `work`
   * throws
   */
  waiting<Value>(what: string, work: () => Value | Promise<Value>): Promise<Value>;
  /** Says how surely the work can be ended; shown in the snapshot. */
  contained(containment: Containment): void;
  /**
   * Says how the manager can see that the work goes on, where it neither prints nor reports: asked
   * now and then while the task is quiet, to tell whether it has stalled. The latest probe counts.
   */
  activity(probe: ActivityProbe): void;
  /** What the manager was given; for definitions that start commands. */
  readonly commands: CommandPolicy;
  /** Most bytes that the output may have. */
  readonly outputBytes: number;
  /** The manager's clock, so that waiting can be simulated. */
  readonly clock: Clock;
}
