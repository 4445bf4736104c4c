import { MeanwhileError } from "../../errors.ts";
import { requireWhole } from "../../task/durations.ts";
import type { Approve } from "../approval/approval.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { EnvironmentOptions } from "./environment.ts";
import type { ShellMode } from "./judge-shell.ts";
import type { CommandLimits } from "./limits.ts";
import type { CommandRule } from "./rule.ts";
import { show } from "./show.ts";
import { unknownKey } from "./unknown-key.ts";

/** What `commandPolicy` allows. */
export interface CommandPolicyOptions {
  /**
   * Commands run in this folder or below, symbolic links followed; arguments that a rule calls
   * paths lead there too. It guards against mistakes; what a running program can reach is for the
   * sandbox. Programs inside it are never run by name.
   */
  readonly root: string;
  /** @default PATH, HOME, TMPDIR, LANG, TZ and CI of this process */
  readonly env?: EnvironmentOptions;
  /** What each command may use. @default no limit but the manager's */
  readonly limits?: CommandLimits;
  /**
   * What may run, by bare program name: one rule or several, of which the first that allows counts,
   * else the first that asks. Everything else is refused.
   */
  readonly commands: Readonly<Record<string, CommandRule | readonly CommandRule[]>>;
  /**
   * What becomes of a line for a shell. `"off"`: refused. `"ask"`: only if `approve` says yes.
   * `"words"`: a line of literal words, whose every command is allowed as if it stood alone, runs
   * unasked; one with a command that is refused is refused; all others ask. @default "off"
   */
  readonly shell?: ShellMode;
  /** Says yes or no to commands that ask. @default the answer is no */
  readonly approve?: Approve;
  /** Milliseconds that a question may stay open and a yes may stay unused. @default 600000 */
  readonly approvalMs?: number;
  /**
   * What happens to processes that run on when the command has ended: they are ended, or left alone
   * and reported as `leftRunning`. @default "end"
   */
  readonly leftovers?: "end" | "report";
  /** What commands run in. @default no sandbox */
  readonly sandbox?: Sandbox;
}

const names = [
  ...["root", "env", "limits", "commands", "shell", "approve", "approvalMs"],
  ...["leftovers", "sandbox"],
];

/** Throws `INVALID_OPTION` for what is not checked where it is read. */
export function checkOptions(options: CommandPolicyOptions): void {
  const extra = unknownKey(options, names);
  if (extra !== undefined) throw invalid(`commandPolicy has no option ${show(extra)}.`);
  const { root, commands, shell = "off", approve, approvalMs, leftovers, sandbox } = options;
  if (typeof root !== "string" || root === "") {
    throw invalid("root must be the folder that commands run in.");
  }
  if (typeof commands !== "object" || commands === null) {
    throw invalid("commands must be an object of rules by program name.");
  }
  if (!["off", "ask", "words"].includes(shell)) {
    throw invalid('shell must be "off", "ask" or "words".');
  }
  if (approve !== undefined && typeof approve !== "function") {
    throw invalid("approve must be a function that says true to what may run.");
  }
  requireWhole(approvalMs, "approvalMs", "INVALID_OPTION", 1);
  if (!["end", "report", undefined].includes(leftovers)) {
    throw invalid('leftovers must be "end" or "report".');
  }
  if (sandbox === undefined) return;
  if (typeof sandbox?.name !== "string" || typeof sandbox.wrap !== "function") {
    throw invalid("sandbox must have a name and wrap.");
  }
}

function invalid(message: string): MeanwhileError {
  return new MeanwhileError("INVALID_OPTION", message);
}
