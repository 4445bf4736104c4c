import { MeanwhileError } from "../../errors.ts";
import type { TaskContext } from "../../task/context.ts";
import { timeAfter } from "../../task/durations.ts";
import type { CommandGrant, CommandRequest } from "../policy/policy.ts";
import type { ApprovalRequest, Approve } from "./approval.ts";
import { approvalHash } from "./approval-hash.ts";
import { approvalText, beginning } from "./approval-text.ts";
import { type Answer, ask } from "./ask.ts";
import { type Allowed, decide } from "./decide.ts";
import { diskState } from "./disk-state.ts";

const defaultMs = 600_000;
/** What a timer can wait for at most: 24 days. */
const longestMs = 2 ** 31 - 1;
/** Of the text in the notification; a person who approves sees all of it. */
const noticeChars = 3_800;

/**
 * Waits for a yes to exactly this grant, and gives it once it may start. The yes is for this attempt
 * alone, and for what was shown: when it is time, the policy must give the same grant again, and the
 * program's file and the folder must be those of the question.
 *
 * @throws MeanwhileError `COMMAND_REFUSED`; the signal's reason
 */
export async function approvedGrant(
  { grant, reason }: Extract<Allowed, { decision: "ask" }>,
  {
    approve,
    request,
    context,
  }: { readonly approve: Approve; readonly request: CommandRequest; readonly context: TaskContext },
): Promise<CommandGrant> {
  const { clock, commands, signal, task } = context;
  const timeMs = Math.min(commands.approvalMs ?? defaultMs, longestMs);
  const hash = approvalHash(grant);
  const onDisk = await diskState(grant);
  const askedAt = clock.monotonic();
  const question: ApprovalRequest = Object.freeze({
    taskId: task.id,
    session: task.session,
    text: approvalText(grant, request),
    reason,
    grant,
    hash,
    expiresAt: timeAfter(clock.now(), timeMs),
  });
  const answer = await context.waiting("approval", () => {
    // So that an agent can tell its user; whether it can be told changes nothing about the question.
    void context.notify(`Waits for approval: ${beginning(question.text, noticeChars)}`);
    return ask(approve, question, { signal, clock, timeMs });
  });
  if (answer.answer !== "yes") throw notApproved(answer);
  const again = await decide(commands, request);
  if (approvalHash(again.grant) !== hash || (await diskState(again.grant)) !== onDisk) {
    throw refused(
      "The command has changed since it was approved: its program, its folder, or what the policy makes of it. Start it again to have it approved as it is now.",
    );
  }
  // By either clock: one stands still while the machine sleeps, the other may be set back.
  if (clock.monotonic() - askedAt >= timeMs || clock.now() >= question.expiresAt) {
    throw refused(
      "The approval has expired before the command could start. Start it again to have it approved again.",
    );
  }
  return again.grant;
}

function notApproved(answer: Exclude<Answer, { answer: "yes" }>): MeanwhileError {
  if (answer.answer === "expired") {
    return refused("The command was not approved: the question expired without an answer.");
  }
  return refused(
    "The command was not approved. Do not run it in another way; ask what to do instead.",
    "cause" in answer ? { cause: answer.cause } : {},
  );
}

function refused(message: string, options: { readonly cause?: unknown } = {}): MeanwhileError {
  return new MeanwhileError("COMMAND_REFUSED", message, options);
}
