import { stat } from "node:fs/promises";
import { MeanwhileError } from "../errors.ts";
import type { TaskDefinition } from "../task/definition.ts";
import { graceMs } from "./end/end-run.ts";
import { killWaitMs } from "./end/end-tree.ts";
import {
  type CommandInput,
  type CommandOutput,
  checkCommandInput,
  commandSchema,
} from "./input.ts";
import { requireDurableCommands } from "./platform.ts";
import type { CommandGrant, CommandPolicy, CommandRequest } from "./policy/policy.ts";
import { refuseCommands } from "./policy/refuse-commands.ts";
import { recoverCommand } from "./recover-command.ts";
import { runCommand } from "./run-command.ts";
import { holdLauncher } from "./start/shared-launcher.ts";

export type { CommandInput, CommandOutput } from "./input.ts";

/**
 * The built-in task that runs a program: argv, no shell, only what the manager's policy allows.
 *
 * stdout and stderr go, interleaved, to the task's output. Exit code 0 completes the task; another
 * fails it with `EXIT_CODE`, an end by a signal with `SIGNAL`, a program that cannot be started with
 * `SPAWN`. It lives on when its manager dies, and the next manager reports its true exit code.
 *
 * Cancel and timeout end its whole process tree. What it leaves in its process group when it ends
 * by itself is ended too; only a daemon that left the group for a session of its own goes on.
 */
export const command: TaskDefinition<CommandInput, CommandOutput, CommandInput> = {
  name: "command",
  toolName: "run_command",
  description:
    "Runs a program in the background. Its output can be read while it runs and afterwards; a non-zero exit code fails the task.",
  input: commandSchema,
  title: ({ argv, shell }) => shorten(argv?.join(" ") ?? shell ?? ""),
  stopGraceMs: graceMs + killWaitMs + 2_000,
  open: ({ commands, clock }) => (commands === refuseCommands ? undefined : holdLauncher(clock)),
  async admit(input, context) {
    await authorize(input, context);
  },
  async run(input, context) {
    const { session } = context.task;
    return runCommand(
      input,
      await authorize(input, { commands: context.commands, session }),
      context,
    );
  },
  recover: (input, context) =>
    recoverCommand(input, context, () =>
      authorize(input, { commands: context.commands, session: context.task.session }),
    ),
};

/** Asked at admission and again before the start: a queued task may outlive what it was allowed. */
async function authorize(
  input: CommandInput,
  { commands, session }: { readonly commands: CommandPolicy; readonly session: string },
): Promise<CommandGrant> {
  requireDurableCommands();
  checkCommandInput(input);
  const { argv, cwd, env } = input;
  const request: CommandRequest = {
    argv,
    session,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  };
  const decision = await commands.decide(request);
  if (decision.decision !== "allow") throw new MeanwhileError("COMMAND_REFUSED", decision.reason);
  await requireDirectory(decision.grant.cwd);
  return decision.grant;
}

/** Checked first, because a missing folder looks like a missing program to whoever starts it. */
async function requireDirectory(cwd: string): Promise<void> {
  const found = await stat(cwd).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new MeanwhileError(
    "INVALID_INPUT",
    `The working directory ${cwd} ${found === undefined ? "does not exist" : "is not a folder"}.`,
  );
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= 80 ? text : `${characters.slice(0, 79).join("")}…`;
}
