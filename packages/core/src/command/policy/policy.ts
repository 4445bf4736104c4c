import type { Approve } from "../approval/approval.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { CommandLimits } from "./limits.ts";

/** What a caller asks to run: `argv`, or in shell mode `shell`, never both. */
export interface CommandRequest {
  /** Program and arguments; no shell looks at them. */
  readonly argv?: readonly string[];
  /** A line for a POSIX shell. */
  readonly shell?: string;
  /** Working directory, relative to the policy's root. */
  readonly cwd?: string;
  /** Variables on top of the policy's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** The id of the session that asks. */
  readonly session: string;
}

/** What exactly will run. Frozen; what was checked is what is executed. */
export interface CommandGrant {
  /** Absolute path of the executable. Its folder has no links; its last part may be one, for programs
   * that act by the name under which they are run. */
  readonly executable: string;
  /** What the program is given, its name first. */
  readonly argv: readonly string[];
  /** Real path of the working directory. */
  readonly cwd: string;
  /** The whole environment of the command; nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** What it may use. @default no limit but the manager's */
  readonly limits?: CommandLimits;
  /**
   * What happens to processes that run on when the command has ended: they are ended, or left alone
   * and reported as `leftRunning`. @default "end"
   */
  readonly leftovers?: "end" | "report";
  /** What it runs in. @default no sandbox */
  readonly sandbox?: Sandbox;
}

/** What a policy says to a request. Every `reason` is a sentence that a model can act on. */
export type CommandDecision =
  | { readonly decision: "allow"; readonly grant: CommandGrant }
  /** Runs only if the policy's `approve` says yes to exactly this grant. */
  | { readonly decision: "ask"; readonly grant: CommandGrant; readonly reason: string }
  | { readonly decision: "deny"; readonly reason: string };

/** Decides what may run at all. Asked at admission and again right before the start. */
export interface CommandPolicy {
  /** May throw a `MeanwhileError`; `start` is refused with it. */
  decide(request: CommandRequest): CommandDecision | Promise<CommandDecision>;
  /** Says yes or no where the decision is `"ask"`. @default the answer is no */
  readonly approve?: Approve;
  /** Milliseconds that a question may stay open and a yes may stay unused. @default 600000 */
  readonly approvalMs?: number;
}
