import { resolve } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import { requireWhole } from "../../task/durations.ts";
import type { Approve } from "../approval/approval.ts";
import { checkCommandInput } from "../input.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { checkLimits } from "./check-limits.ts";
import { createEnvironment, type EnvironmentOptions } from "./environment.ts";
import { hasHiddenCharacters } from "./hidden-characters.ts";
import { judge, refuseProgram } from "./judge.ts";
import { judgeShell, type ShellMode } from "./judge-shell.ts";
import type { CommandLimits } from "./limits.ts";
import { createLocator } from "./locate-program.ts";
import { findPlace } from "./place.ts";
import type { CommandDecision, CommandGrant, CommandPolicy, CommandRequest } from "./policy.ts";
import { createProgram, type Program } from "./program.ts";
import type { CommandRule } from "./rule.ts";
import { show } from "./show.ts";
import { unknownKey } from "./unknown-key.ts";

export type { CommandRule } from "./rule.ts";

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

/**
 * A policy that refuses everything but the commands listed. It compares texts and guesses nothing;
 * a refusal says what is allowed. Options and the process's environment are read once, here.
 *
 * Throws `INVALID_OPTION` when an option makes no sense or would allow more than it seems to.
 */
export function commandPolicy(options: CommandPolicyOptions): CommandPolicy {
  checkOptions(options);
  const { shell = "off", approve, approvalMs, leftovers, sandbox } = options;
  const root = resolve(options.root);
  const environment = createEnvironment(options.env ?? {}, root);
  const programs = new Map<string, Program>();
  for (const [name, rules] of Object.entries(options.commands)) {
    programs.set(name, createProgram(name, rules, environment.searchPath));
  }
  const locateShell = createLocator("sh", environment.searchPath);
  const extras = {
    ...(options.limits === undefined ? {} : { limits: checkLimits(options.limits) }),
    ...(leftovers === undefined ? {} : { leftovers }),
    ...(sandbox === undefined ? {} : { sandbox }),
  };

  const decide = (request: CommandRequest): CommandDecision => {
    const { argv, shell: line, ...rest } = snapshot(request);
    const [name] = argv ?? [];
    // Before the place: whatever else is wrong, such a program cannot run.
    if (name !== undefined && !programs.has(name)) return refuseProgram(name, programs);
    const place = findPlace(rest, root, environment);
    if ("reason" in place) return { decision: "deny", reason: place.reason };
    const judged =
      argv === undefined
        ? judgeShell(line ?? "", shell, programs, place, locateShell)
        : judge(argv, programs, place);
    if (judged.decision === "deny") return judged;
    const grant: CommandGrant = Object.freeze({
      executable: judged.executable,
      argv: Object.freeze(judged.argv),
      cwd: place.cwd,
      env: place.env,
      ...extras,
    });
    const texts = [...(argv ?? [line ?? ""]), rest.cwd ?? "", ...Object.values(rest.env ?? {})];
    const hidden = texts.some(hasHiddenCharacters)
      ? "It has control or invisible characters, so that it may not be what it seems."
      : undefined;
    if (judged.decision === "allow" && hidden === undefined) return { decision: "allow", grant };
    const reasons = [
      judged.decision === "ask" ? judged.reason : undefined,
      hidden,
      approve === undefined ? "Nobody can say yes here: the policy has no approve." : undefined,
    ];
    return {
      decision: "ask",
      grant,
      reason: reasons.filter((reason) => reason !== undefined).join(" "),
    };
  };
  return {
    decide,
    ...(approve === undefined ? {} : { approve }),
    ...(approvalMs === undefined ? {} : { approvalMs }),
  };
}

/** Taken before anything is looked at: what is checked is what will run. */
function snapshot(request: CommandRequest): CommandRequest {
  const { argv, env, ...rest } = request;
  const copy: CommandRequest = {
    ...rest,
    ...(argv === undefined ? {} : { argv: Array.isArray(argv) ? [...argv] : argv }),
    ...(env === undefined ? {} : { env: { ...env } }),
  };
  checkCommandInput(copy);
  return copy;
}

const names = [
  ...["root", "env", "limits", "commands", "shell", "approve", "approvalMs"],
  ...["leftovers", "sandbox"],
];

function checkOptions(options: CommandPolicyOptions): void {
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
