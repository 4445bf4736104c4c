import { MeanwhileError } from "../../errors.ts";
import { type CommandInput, checkCommandInput } from "../input.ts";
import type { CommandDecision, CommandPolicy, CommandRequest } from "../policy/policy.ts";

/** What the policy asks for a command to run: nothing more, or a yes. */
export type Allowed = Exclude<CommandDecision, { decision: "deny" }>;

/** The question to the policy that an input stands for. */
export function requestOf(input: CommandInput, session: string): CommandRequest {
  checkCommandInput(input);
  const { argv, shell, cwd, env } = input;
  return {
    ...(argv === undefined ? {} : { argv }),
    ...(shell === undefined ? {} : { shell }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    session,
  };
}

/** @throws MeanwhileError `COMMAND_REFUSED` with the policy's reason; what the policy throws */
export async function decide(policy: CommandPolicy, request: CommandRequest): Promise<Allowed> {
  const made: CommandDecision | undefined = await policy.decide(request);
  switch (made?.decision) {
    case "allow":
    case "ask":
      return made;
    case "deny":
      throw new MeanwhileError("COMMAND_REFUSED", made.reason);
    default:
      throw new MeanwhileError(
        "COMMAND_REFUSED",
        'The command policy gave no decision, so the command is refused. Its decide has to give "allow", "ask" or "deny".',
      );
  }
}
