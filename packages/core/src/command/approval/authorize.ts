import { type Stats, statSync } from "node:fs";
import { MeanwhileError } from "../../errors.ts";
import type { TaskContext } from "../../task/context.ts";
import type { AdmissionContext } from "../../task/definition.ts";
import type { CommandInput } from "../input.ts";
import type { CommandGrant } from "../policy/policy.ts";
import { approvedGrant } from "./approved-grant.ts";
import { type Allowed, decide, requestOf } from "./decide.ts";
import { visibleWord } from "./visible-word.ts";

/**
 * Whether a command may be queued. One that needs a yes may, if somebody can give it: it is asked
 * for when the command is about to start.
 *
 * @throws MeanwhileError `COMMAND_REFUSED`; `INVALID_INPUT`; what the policy throws
 */
export async function admitCommand(
  input: CommandInput,
  { commands, session }: AdmissionContext,
): Promise<void> {
  const decision = await decide(commands, requestOf(input, session));
  if (decision.decision === "ask" && commands.approve === undefined) throw nobodyApproves(decision);
  requireDirectory(decision.grant.cwd);
}

/**
 * Gives what may be started now. The policy is asked again, since a queued task may outlive what it
 * was allowed; then, where it says so, whoever approves.
 *
 * @throws MeanwhileError `COMMAND_REFUSED`; `INVALID_INPUT`; what the policy throws; the signal's
 * reason when that aborts while it waits for a yes
 */
export async function authorizeCommand(
  input: CommandInput,
  context: TaskContext,
): Promise<CommandGrant> {
  const { commands } = context;
  const request = requestOf(input, context.task.session);
  const decision = await decide(commands, request);
  requireDirectory(decision.grant.cwd);
  if (decision.decision === "allow") return decision.grant;
  const { approve } = commands;
  if (approve === undefined) throw nobodyApproves(decision);
  return approvedGrant(decision, { approve, request, context });
}

function nobodyApproves({ reason }: Extract<Allowed, { decision: "ask" }>): MeanwhileError {
  return new MeanwhileError(
    "COMMAND_REFUSED",
    `The command needs approval, and nobody can approve here. ${reason}`,
  );
}

/** Checked first, because a missing folder looks like a missing program to whoever starts it. */
function requireDirectory(cwd: string): void {
  // Not asynchronous: a trip to the thread pool costs many times what the call does.
  const found = look(cwd);
  if (found?.isDirectory() === true) return;
  throw new MeanwhileError(
    "INVALID_INPUT",
    `The working directory ${visibleWord(cwd)} ${found === undefined ? "does not exist" : "is not a folder"}.`,
  );
}

/** Undefined also where a folder on the way may not be entered. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
