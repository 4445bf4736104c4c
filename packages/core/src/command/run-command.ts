import { join } from "node:path";
import type { TaskContext } from "../task/context.ts";
import { commandActivity } from "./activity.ts";
import { type CommandCheckpoint, readCheckpoint } from "./checkpoint.ts";
import { runDirectly } from "./direct/run-directly.ts";
import { type Cgroup, openCgroup } from "./end/cgroup.ts";
import type { CommandInput, CommandOutput } from "./input.ts";
import { toOutcome } from "./outcome.ts";
import { fileSize, outputCap, outputName, trimOutput } from "./output-file.ts";
import { startsDirectly } from "./platform.ts";
import type { CommandGrant } from "./policy/policy.ts";
import { contain } from "./start/contain.ts";
import type { Started } from "./start/launcher.ts";
import { markerFor } from "./start/marker.ts";
import { cannotRecord, createRunFiles, type RunFiles } from "./start/run-files.ts";
import { sharedLauncher } from "./start/shared-launcher.ts";
import { pause, whenPossible } from "./start/when-possible.ts";
import { feedStdin } from "./stdin.ts";
import { supervise } from "./supervise.ts";
import { tidyUp } from "./tidy-up.ts";
import { commandSignal } from "./time-limit.ts";

/** Milliseconds before a start is tried again that was lost, and the most that grows to. */
const againMs = 50;
const longestAgainMs = 400;

/** Runs exactly what was granted. */
export async function runCommand(
  input: CommandInput,
  grant: CommandGrant,
  context: TaskContext,
): Promise<CommandOutput> {
  if (startsDirectly()) return runDirectly(input, grant, context);
  const taskDirectory = await context.directory().catch((cause: unknown) => {
    throw cannotRecord(cause);
  });
  const outputFile = join(taskDirectory, outputName);
  const outputStart = fileSize(outputFile);
  const maxBytes = outputCap(context, grant);
  context.outputFile(outputName, { maxBytes });
  let run = readCheckpoint(context)?.run ?? 0;
  for (let delayMs = againMs; ; delayMs = Math.min(delayMs * 2, longestAgainMs)) {
    const begun = await whenPossible(
      () =>
        begin(input, grant, context, {
          taskDirectory,
          outputFile,
          outputStart,
          maxBytes,
          after: run,
        }),
      context,
    );
    const output = await followCommand({ ...begun, input, context, outputFile });
    if (output !== "not begun") return output;
    run = begun.checkpoint.run;
    await pause(delayMs, context.clock, context.signal);
  }
}

interface Begun {
  readonly checkpoint: CommandCheckpoint;
  readonly files: RunFiles;
  /** Hears of the command's end; undefined for one that another process started. */
  readonly started: ((ring: () => void) => Started) | undefined;
  /** Its control group, where this process made it; else it is opened by its path. */
  readonly cgroup?: Cgroup | undefined;
  /** Called once it has ended, or is let go of. */
  readonly release?: () => void;
  /** `knownAt`: when the exit was known, on the monotonic clock. */
  readonly durationMs: (knownAt: number) => number;
}

async function begin(
  { stdin = "closed" }: CommandInput,
  grant: CommandGrant,
  context: TaskContext,
  place: {
    readonly taskDirectory: string;
    readonly outputFile: string;
    readonly outputStart: number;
    readonly maxBytes: number;
    readonly after: number;
  },
): Promise<Begun> {
  const { outputFile, outputStart, maxBytes } = place;
  const { clock } = context;
  const { limits = {}, leftovers = "end" } = grant;
  const launcher = await sharedLauncher();
  const { number, files } = createRunFiles(place.taskDirectory, place.after + 1, stdin);
  const marker = markerFor(files.recordFile);
  const contained = await contain(grant, marker);
  const { command, containment, cgroup, ulimits, hidesSignals, release } = contained;
  const checkpoint: CommandCheckpoint = {
    run: number,
    attempt: context.task.attempt,
    marker,
    ...(cgroup === undefined ? {} : { cgroup: cgroup.path }),
    containment,
    outputStart,
    maxBytes,
    executable: grant.executable,
    startedAt: clock.now(),
    ...(limits.timeMs === undefined ? {} : { timeMs: limits.timeMs }),
    overflow: limits.overflow ?? "discard",
    leftovers,
  };
  try {
    // Before the start, so that whoever comes after us finds what may be running.
    await context.checkpoint.save(checkpoint);
    context.signal.throwIfAborted();
  } catch (error) {
    cgroup?.remove();
    release();
    throw error;
  }
  const startedAt = clock.monotonic();
  return {
    checkpoint,
    files,
    cgroup,
    release,
    durationMs: (knownAt) => knownAt - startedAt,
    started: (ring) =>
      launcher.start(
        {
          command,
          record: files.recordFile,
          outputFile,
          maxBytes,
          stdin,
          leftovers: leftovers === "end" ? "end" : "keep",
          hidesSignals,
          join: cgroup?.join ?? [],
          ulimits,
        },
        ring,
      ),
  };
}

interface FollowOptions extends Begun {
  readonly input: CommandInput;
  readonly context: TaskContext;
  readonly outputFile: string;
}

/** From the start, or from where another manager left it, to the end. */
export async function followCommand(options: FollowOptions): Promise<CommandOutput | "not begun"> {
  const { input, context, checkpoint, files, outputFile, started } = options;
  const { clock } = context;
  // Also after a cancel: what has ended by itself is reported so.
  const patience = { clock, signal: neverAborted };
  const { marker, outputStart, maxBytes, executable, leftovers, overflow } = checkpoint;
  context.contained(checkpoint.containment);
  const feed = input.stdin === "open" ? feedStdin(context, files.stdinFile) : undefined;
  const stop = commandSignal(context, checkpoint, feed?.failed);
  const { cgroup = await whenPossible(async () => groupOf(checkpoint), patience) } = options;
  const run = { files, marker, cgroup, clock };
  context.activity(() => commandActivity(run, input.stdin ?? "closed"));
  let isTrimmed = false;
  try {
    const { signal } = stop;
    const end = await supervise({
      ...run,
      ...{ started, signal, leftovers },
      stopWhenCut: overflow === "stop",
    });
    if (end === "not begun") return end;
    const durationMs = Math.round(options.durationMs(end.knownAt));
    const { record, leftRunning } = end;
    const facts = { outputFile, outputStart, maxBytes, durationMs, leftRunning };
    isTrimmed = record.spooled;
    return await whenPossible(
      () => toOutcome({ record, ...facts, executable, overflow }),
      patience,
    );
  } finally {
    stop.dispose();
    feed?.stop();
    const isWhole = !isTrimmed && files.record().spooled;
    if (isWhole) await trimOutput(outputFile, maxBytes).catch(() => {});
    options.release?.();
    if (cgroup !== undefined) tidyUp(cgroup.removeSoon());
  }
}

const neverAborted = new AbortController().signal;

function groupOf({ cgroup }: CommandCheckpoint): Cgroup | undefined {
  return cgroup === undefined ? undefined : openCgroup(cgroup);
}
