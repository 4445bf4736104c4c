import { statSync } from "node:fs";
import { join } from "node:path";
import { MeanwhileError } from "../errors.ts";
import type { TaskContext } from "../task/context.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { interruptedDirectly } from "./direct/interrupted.ts";
import { openCgroup } from "./end/cgroup.ts";
import { isRunning } from "./end/is-running.ts";
import type { CommandInput, CommandOutput } from "./input.ts";
import { outputName } from "./output-file.ts";
import { canIdentifyProcesses } from "./platform.ts";
import type { CommandGrant } from "./policy/policy.ts";
import { followCommand, runCommand } from "./run-command.ts";
import { openRunFiles, type RunFiles } from "./start/run-files.ts";

/**
 * Takes up a command whose manager died: reports the exit code that was recorded, or goes on with
 * a command that still runs. One that never began is begun now, in a folder of its own: the claim
 * taken here stops a late wrapper, so it runs once.
 *
 * Throws `INTERRUPTED` when the command was ended together with its wrapper, say by a reboot, or had
 * none because it was started directly.
 */
export async function recoverCommand(
  input: CommandInput,
  context: TaskContext,
  authorize: () => Promise<CommandGrant>,
): Promise<CommandOutput> {
  const checkpoint = readCheckpoint(context);
  const restart = async () => runCommand(input, await authorize(), context);
  // Saved before anything is started.
  if (checkpoint?.attempt !== context.task.attempt) return restart();
  if (checkpoint.direct !== undefined) throw interruptedDirectly(checkpoint.direct);
  const taskDirectory = await context.directory();
  const files = openRunFiles(taskDirectory, checkpoint.run);
  if (files.record().exit === undefined) {
    const cgroup = checkpoint.cgroup === undefined ? undefined : openCgroup(checkpoint.cgroup);
    const isUnclaimed = files.claimant()?.pid === undefined && files.claim();
    // The command may have emptied its record.
    if (isUnclaimed && !(await isRunning({ ...checkpoint, cgroup }))) return restart();
    if (!canIdentifyProcesses()) throw unknowable();
  }
  context.outputFile(outputName, { maxBytes: checkpoint.maxBytes });
  const output = await followCommand({
    input,
    context,
    checkpoint,
    files,
    outputFile: join(taskDirectory, outputName),
    started: undefined,
    durationMs: () => recordedDuration(files, checkpoint.startedAt),
  });
  return output === "not begun" ? restart() : output;
}

/** Up to the moment when its end was recorded, which may be long ago. */
function recordedDuration({ recordFile }: RunFiles, startedAt: number): number {
  return Math.max(0, statSync(recordFile).mtimeMs - startedAt);
}

function unknowable(): MeanwhileError {
  return new MeanwhileError(
    "INTERRUPTED",
    "The manager ended while the command ran. On this platform a command that still runs cannot be told from another process, so it is not taken up again; it may still be running.",
  );
}
