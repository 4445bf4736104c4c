import { resolve } from "node:path";
import type { Approve } from "../approval/approval.ts";
import { checkCommandInput } from "../input.ts";
import { checkLimits } from "./check-limits.ts";
import { createEnvironment } from "./environment.ts";
import { hasHiddenCharacters } from "./hidden-characters.ts";
import { type Judged, judge, refuseProgram } from "./judge.ts";
import { judgeShell } from "./judge-shell.ts";
import { createShellLocator } from "./locate-program.ts";
import { type CommandPolicyOptions, checkOptions } from "./options.ts";
import { findPlace } from "./place.ts";
import type { CommandDecision, CommandGrant, CommandPolicy, CommandRequest } from "./policy.ts";
import { createProgram, type Program } from "./program.ts";

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
  const locateShell = createShellLocator(environment.searchPath);
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
    const texts = [...(argv ?? [line ?? ""]), rest.cwd ?? "", ...Object.values(rest.env ?? {})];
    const hidden = texts.some(hasHiddenCharacters);
    return conclude(judged, { cwd: place.cwd, env: place.env, ...extras }, hidden, approve);
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

function conclude(
  judged: Judged,
  surroundings: Omit<CommandGrant, "executable" | "argv">,
  hidden: boolean,
  approve: Approve | undefined,
): CommandDecision {
  if (judged.decision === "deny") return judged;
  const { executable, argv } = judged;
  const grant = Object.freeze({ executable, argv: Object.freeze(argv), ...surroundings });
  if (judged.decision === "allow" && !hidden) return { decision: "allow", grant };
  const reasons = [
    judged.decision === "ask" ? judged.reason : undefined,
    hidden
      ? "It has control or invisible characters, so that it may not be what it seems."
      : undefined,
    approve === undefined ? "Nobody can say yes here: the policy has no approve." : undefined,
  ];
  const reason = reasons.filter((each) => each !== undefined).join(" ");
  return { decision: "ask", grant, reason };
}
