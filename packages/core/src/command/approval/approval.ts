import type { CommandGrant } from "../policy/policy.ts";

/** A question to whoever may allow a command. */
export interface ApprovalRequest {
  /** The task that waits for the answer. */
  readonly taskId: string;
  readonly session: string;
  /** The command as one line of visible ASCII, exact: what is shown is what runs. */
  readonly text: string;
  /** Why it is asked, a sentence. */
  readonly reason: string;
  readonly grant: CommandGrant;
  /** SHA-256, in hex, of executable, argv, cwd, environment, limits, leftovers and sandbox. */
  readonly hash: string;
  /** Wall milliseconds since 1970 when the question, and a yes to it, expires. */
  readonly expiresAt: number;
}

/**
 * Says whether the command may run. Anything but `true` is no, and so is an error. The signal aborts
 * when the answer is no longer wanted: the task was cancelled, or the question expired.
 */
export type Approve = (
  request: ApprovalRequest,
  context: { readonly signal: AbortSignal },
) => boolean | Promise<boolean>;
