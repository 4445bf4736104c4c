import { join } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import type { TaskContext } from "../../task/context.ts";
import { type CommandCheckpoint, readCheckpoint } from "../checkpoint.ts";
import type { CommandInput, CommandOutput } from "../input.ts";
import { toOutcome } from "../outcome.ts";
import { fileSize, openOutputFile, outputCap, outputName } from "../output-file.ts";
import type { CommandGrant } from "../policy/policy.ts";
import { markerFor, withMarker } from "../start/marker.ts";
import { whenPossible } from "../start/when-possible.ts";
import { feedPipe } from "../stdin.ts";
import { commandSignal } from "../time-limit.ts";
import { type CollectedOutput, collectOutput } from "./collect-output.ts";
import { inOwnTurn } from "./one-per-turn.ts";
import { processTree } from "./process-tree.ts";
import { refuseLimits } from "./refuse-limits.ts";
import { type Child, startChild } from "./start-child.ts";
import { superviseChild } from "./supervise-child.ts";
import type { ProcessTree } from "./tree.ts";

/**
 * Runs exactly what was granted as a child of this process, where there is no POSIX shell that could
 * stand between them. Its stdout and stderr come through pipes of their own into the task's output,
 * in the order in which they arrive here. It ends with its manager; one that dies leaves it behind.
 *
 * Throws as `toOutcome` does; `INVALID_OPTION` for a limit that cannot be held, `SANDBOX`,
 * `OUTPUT_LIMIT`, or the signal's reason.
 */
export async function runDirectly(
  input: CommandInput,
  grant: CommandGrant,
  context: TaskContext,
): Promise<CommandOutput> {
  refuseLimits(grant.limits ?? {});
  const outputFile = join(await context.directory(), outputName);
  const maxBytes = outputCap(context, grant);
  context.outputFile(outputName, { maxBytes });
  const begun = await whenPossible(() => begin(input, grant, context, outputFile), context);
  try {
    return await follow(begun, context, outputFile);
  } finally {
    begun.child.release();
    begun.ended?.();
    await sayEnded(begun, context);
  }
}

interface Begun {
  readonly checkpoint: CommandCheckpoint;
  readonly child: Child;
  readonly tree: ProcessTree;
  readonly output: CollectedOutput;
  /** On the monotonic clock. */
  readonly startedAt: number;
  /** Tells the sandbox. */
  readonly ended: (() => void) | undefined;
}

async function begin(
  { stdin = "closed" }: CommandInput,
  { executable, argv, cwd, env, sandbox, limits = {}, leftovers = "end" }: CommandGrant,
  context: TaskContext,
  outputFile: string,
): Promise<Begun> {
  const { clock, signal } = context;
  const run = (readCheckpoint(context)?.run ?? 0) + 1;
  const marker = markerFor(join(await context.directory(), `run-${run}`));
  const bare = { executable, argv, cwd, env: withMarker(env, marker) };
  const sandboxed = await sandbox?.wrap(bare);
  try {
    const outputStart = fileSize(outputFile);
    const maxBytes = outputCap(context, { limits });
    const checkpoint: CommandCheckpoint = {
      run,
      attempt: context.task.attempt,
      direct: "runs",
      marker,
      // Known for certain once there is a process.
      containment: sandboxed?.containment ?? "process-group",
      ...{ outputStart, maxBytes, executable },
      startedAt: clock.now(),
      ...(limits.timeMs === undefined ? {} : { timeMs: limits.timeMs }),
      overflow: limits.overflow ?? "discard",
      leftovers,
    };
    // Before the start, so that whoever comes after us knows what may be running.
    await context.checkpoint.save(checkpoint);
    const { child, output, startedAt } = await inOwnTurn(clock, async () => {
      signal.throwIfAborted();
      const startedAt = clock.monotonic();
      const file = await openOutputFile(outputFile);
      try {
        const child = await startChild(sandboxed ?? bare, stdin);
        const room = maxBytes - outputStart;
        return {
          child,
          output: collectOutput(child.outputs, { file, maxBytes: room, clock }),
          startedAt,
        };
      } catch (error) {
        await file.close();
        throw error;
      }
    });
    const tree = processTree(child, marker, clock);
    context.contained(sandboxed?.containment ?? tree.containment);
    return { checkpoint, child, tree, output, startedAt, ended: sandboxed?.ended };
  } catch (error) {
    sandboxed?.ended?.();
    throw error;
  }
}

/** From its start to its end. */
async function follow(
  { checkpoint, child, tree, output, startedAt }: Begun,
  context: TaskContext,
  outputFile: string,
): Promise<CommandOutput> {
  const { outputStart, maxBytes, executable, overflow, leftovers } = checkpoint;
  const { clock } = context;
  const feed = child.stdin === null ? undefined : feedPipe(context.messages, child.stdin);
  const stop = commandSignal(context, checkpoint, feed?.failed);
  try {
    const { exit, knownAt, leftRunning } = await superviseChild({
      ...{ child, tree, output, clock, leftovers },
      signal: stop.signal,
      stopWhenCut: overflow === "stop",
    });
    const record = { exit, failed: undefined, cut: output.isCut() };
    const durationMs = Math.round(knownAt - startedAt);
    const facts = { outputFile, outputStart, maxBytes, durationMs, leftRunning };
    return await toOutcome({ record, ...facts, executable, overflow });
  } finally {
    stop.dispose();
    feed?.stop();
    child.stdin?.destroy();
  }
}

/** After `close({ running: "leave" })` the next manager reports what became of the command. */
async function sayEnded({ checkpoint, child }: Begun, context: TaskContext): Promise<void> {
  if (!MeanwhileError.isInstance(context.signal.reason, "CLOSED")) return;
  if (child.exit() === undefined) return;
  // Without it that one says no more than what it knows: that the command may run.
  await context.checkpoint.save({ ...checkpoint, direct: "ended" }).catch(() => {});
}
