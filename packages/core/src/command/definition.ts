import type { TaskDefinition } from "../task/definition.ts";
import { admitCommand, authorizeCommand } from "./approval/authorize.ts";
import { graceMs } from "./end/end-run.ts";
import { killWaitMs } from "./end/end-tree.ts";
import { type CommandInput, type CommandOutput, commandSchema } from "./input.ts";
import { startsDirectly } from "./platform.ts";
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
 *
 * Without a POSIX shell, as on Windows, it is started directly and cannot go on without its manager:
 * one that closes ends it, also with `running: "leave"`, and one that dies leaves it `INTERRUPTED`.
 */
export const command: TaskDefinition<CommandInput, CommandOutput, CommandInput> = {
  name: "command",
  toolName: "run_command",
  description:
    "Runs a program in the background. Its output can be read while it runs and afterwards; a non-zero exit code fails the task.",
  input: commandSchema,
  title: ({ argv, shell }) => shorten(argv?.join(" ") ?? shell ?? ""),
  stopGraceMs: graceMs + killWaitMs + 2_000,
  open: ({ commands, clock }) =>
    commands === refuseCommands || startsDirectly() ? undefined : holdLauncher(clock),
  admit: admitCommand,
  async run(input, context) {
    return runCommand(input, await authorizeCommand(input, context), context);
  },
  recover: (input, context) =>
    recoverCommand(input, context, () => authorizeCommand(input, context)),
};

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= 80 ? text : `${characters.slice(0, 79).join("")}…`;
}
