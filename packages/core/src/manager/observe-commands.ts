import type { Clock } from "../clock/clock.ts";
import type { ApprovalRequest, Approve } from "../command/approval/approval.ts";
import { approvalText, beginning, requestText } from "../command/approval/approval-text.ts";
import type { CommandDecision, CommandPolicy, CommandRequest } from "../command/policy/policy.ts";
import { redactSecrets } from "../render/secrets.ts";
import type { Attempts } from "../task/attempts.ts";
import { toTaskError } from "../task/task-error.ts";
import { aboutTask } from "./about-task.ts";
import type { Events } from "./events.ts";

const longestText = 1_000;

interface Observer {
  readonly events: Events;
  readonly clock: Clock;
  readonly attempts: Attempts;
  /** Known secret values. */
  readonly redact: readonly string[];
}

/** The same policy, whose every decision and approval is announced as an event. */
export function observeCommands(policy: CommandPolicy, observer: Observer): CommandPolicy {
  const { approvalMs } = policy;
  return {
    decide: (request) => decide(policy, request, observer),
    ...(policy.approve === undefined ? {} : { approve: observedApprove(policy, observer) }),
    ...(approvalMs === undefined ? {} : { approvalMs }),
  };
}

async function decide(
  policy: CommandPolicy,
  request: CommandRequest,
  observer: Observer,
): Promise<CommandDecision> {
  const { events, clock } = observer;
  if (!events.wanted("command-decision")) return policy.decide(request);
  const startedAt = clock.monotonic();
  let made: CommandDecision;
  try {
    made = await policy.decide(request);
  } catch (error) {
    const reason = toTaskError(error).message;
    announce(request, { decision: "deny", reason }, clock.monotonic() - startedAt, observer);
    throw error;
  }
  announce(request, made, clock.monotonic() - startedAt, observer);
  return made;
}

function announce(
  request: CommandRequest,
  made: CommandDecision | undefined,
  durationMs: number,
  { events, redact }: Observer,
): void {
  const granted = made?.decision === "allow" || made?.decision === "ask";
  const text = granted ? approvalText(made.grant, request) : requestText(request);
  const reason = made !== undefined && "reason" in made ? made.reason : undefined;
  events.emit({
    type: "command-decision",
    session: request.session,
    // What is no decision lets nothing run.
    decision: granted ? made.decision : "deny",
    command: beginning(redactSecrets(text, redact).text, longestText),
    ...(reason === undefined ? {} : { reason }),
    durationMs,
  });
}

function observedApprove(policy: CommandPolicy, { events, clock, attempts }: Observer): Approve {
  return async (request, { signal }) => {
    const startedAt = clock.monotonic();
    let told = false;
    const tell = (approved: boolean, failure: { readonly error?: unknown } = {}): void => {
      if (told) return;
      told = true;
      events.emit({
        type: "command-approval",
        ...about(request, attempts),
        approved,
        hash: request.hash,
        waitedMs: clock.monotonic() - startedAt,
        ...failure,
      });
    };
    const abort = (): void => tell(false, { error: signal.reason });
    signal.addEventListener("abort", abort, { once: true });
    try {
      const answer = await policy.approve?.(request, { signal });
      tell(answer === true);
      return answer === true;
    } catch (error) {
      tell(false, { error });
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  };
}

function about(
  { taskId, session }: ApprovalRequest,
  attempts: Attempts,
): ReturnType<typeof aboutTask> {
  const record = attempts.get(taskId)?.record;
  return record === undefined ? { taskId, session, name: "command" } : aboutTask(record);
}
