import { runDirectly } from "../../../src/command/direct/run-directly.ts";
import type { CommandInput } from "../../../src/command/input.ts";
import type { CommandGrant } from "../../../src/command/policy/policy.ts";
import type { AnyCommand } from "../any-command.ts";
import { type FakeTask, type FakeTaskOptions, fakeTask } from "../fake-task.ts";

/** Starts a command directly, as on a system without a shell; gives what it returns or throws. */
export async function startDirectly(
  task: FakeTask,
  input: CommandInput,
  changes: Partial<CommandGrant> = {},
): Promise<unknown> {
  const decision = await task.context.commands.decide({ ...input, session: "session" });
  if (decision.decision !== "allow") throw new Error(decision.reason);
  return runDirectly(input, { ...decision.grant, ...changes }, task.context).catch(
    (error: unknown) => error,
  );
}

export interface DirectRun {
  readonly result: unknown;
  readonly output: string;
}

/** Runs a command to its end in a task of its own. */
export async function runOnce(
  commands: AnyCommand,
  input: CommandInput,
  changes: Partial<CommandGrant> = {},
  options: Partial<FakeTaskOptions> = {},
): Promise<DirectRun> {
  await using task = await fakeTask({ commands, ...options });
  const result = await startDirectly(task, input, changes);
  return { result, output: await task.output().catch(() => "") };
}
