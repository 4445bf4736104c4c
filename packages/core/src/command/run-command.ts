import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { MeanwhileError } from "../errors.ts";
import type { TaskContext } from "../task/context.ts";
import { type CommandCheckpoint, readCheckpoint } from "./checkpoint.ts";
import type { CommandInput, CommandOutput } from "./input.ts";
import { toOutcome } from "./outcome.ts";
import { containment } from "./platform.ts";
import type { CommandGrant } from "./policy/policy.ts";
import { createRunDirectory, prepareOutput, type RunDirectory } from "./start/run-directory.ts";
import { whyNotStartable } from "./start/startable.ts";
import { startWrapper, type Wrapper } from "./start/wrapper.ts";
import { feedStdin } from "./stdin.ts";
import { supervise } from "./supervise.ts";

/** The name of the output in the task's folder. */
export const outputName = "output";

/** Runs exactly what was granted. */
export async function runCommand(
  input: CommandInput,
  grant: CommandGrant,
  context: TaskContext,
): Promise<CommandOutput> {
  const why = await whyNotStartable(grant.executable);
  if (why !== undefined) {
    throw new MeanwhileError("SPAWN", `The command could not be started: ${why}.`);
  }
  const taskDirectory = await context.directory();
  const outputFile = join(taskDirectory, outputName);
  const outputStart = await prepareOutput(outputFile);
  context.outputFile(outputName);
  const first = (readCheckpoint(context)?.run ?? 0) + 1;
  const { number, directory } = await createRunDirectory(taskDirectory, first);
  const marker = await markerFor(directory);
  const checkpoint: CommandCheckpoint = {
    run: number,
    attempt: context.task.attempt,
    marker,
    outputStart,
    executable: grant.executable,
    startedAt: context.clock.now(),
  };
  // Before the start, so that whoever comes after us finds what may be running.
  await context.checkpoint.save(checkpoint);
  context.signal.throwIfAborted();
  const wrapper = await startWrapper({
    directory,
    grant,
    outputFile,
    maxBytes: context.outputBytes,
    stdin: input.stdin ?? "closed",
    marker,
    clock: context.clock,
  });
  return followCommand({
    input,
    context,
    checkpoint,
    directory,
    outputFile,
    wrapper,
    durationMs: (knownAt) => knownAt - wrapper.startedAt,
  });
}

interface FollowOptions {
  readonly input: CommandInput;
  readonly context: TaskContext;
  readonly checkpoint: CommandCheckpoint;
  readonly directory: RunDirectory;
  readonly outputFile: string;
  readonly wrapper: Wrapper | undefined;
  /** `knownAt`: when the exit was known, on the monotonic clock. */
  readonly durationMs: (knownAt: number) => number | Promise<number>;
}

/** From the start, or from where another manager left it, to the end. */
export async function followCommand(options: FollowOptions): Promise<CommandOutput> {
  const { input, context, checkpoint, directory, outputFile, wrapper } = options;
  const { clock } = context;
  const { marker, outputStart, executable } = checkpoint;
  context.contained(containment());
  const broken = new AbortController();
  const feed =
    input.stdin === "open" ? feedStdin(context.messages, directory.stdinFile) : undefined;
  feed?.failed.catch((error: unknown) => broken.abort(error));
  const signal = AbortSignal.any([context.signal, broken.signal]);
  const watched = { directory, marker, wrapper, signal, clock };
  try {
    const { record, knownAt } = await supervise(watched);
    const durationMs = Math.round(await options.durationMs(knownAt));
    return await toOutcome({
      record,
      outputFile,
      outputStart,
      maxBytes: context.outputBytes,
      durationMs,
      executable,
    });
  } finally {
    feed?.stop();
  }
}

/** Unique on the machine, and the same for every manager that looks at the run. */
async function markerFor(directory: RunDirectory): Promise<string> {
  return createHash("sha256")
    .update(await realpath(directory.path))
    .digest("hex")
    .slice(0, 32);
}
