import { type ErrorDetails, MeanwhileError } from "../errors.ts";
import type { CommandOutput } from "./input.ts";
import { fileSize, trimOutput } from "./output-file.ts";
import type { ExitRecord } from "./start/exit-record.ts";
import { whyNotStartable } from "./start/startable.ts";

interface OutcomeOptions {
  readonly record: Pick<ExitRecord, "exit" | "failed" | "cut">;
  readonly outputFile: string;
  /** Bytes that the output file had before, from earlier attempts. */
  readonly outputStart: number;
  /** Most bytes that the output file may have. */
  readonly maxBytes: number;
  readonly durationMs: number;
  readonly leftRunning: number;
  readonly executable: string;
  /** With `"stop"` a command that printed more than is kept has not completed, however it ended. */
  readonly overflow: "discard" | "stop";
}

/**
 * Turns what is recorded of a run into the task's output.
 *
 * Throws `EXIT_CODE` with `details.exitCode`, `SIGNAL` with `details.signal`, `OUTPUT_LIMIT`, or
 * `SPAWN`.
 */
export async function toOutcome(options: OutcomeOptions): Promise<CommandOutput> {
  const { record, durationMs, leftRunning, executable, overflow } = options;
  const { exit, failed } = record;
  if (failed !== undefined) {
    throw new MeanwhileError("SPAWN", `The command could not be started: ${failed}.`);
  }
  const facts = { durationMs, ...(await outputFacts(options)), leftRunning };
  if (exit?.type === "code" && exit.code === 0) {
    if (overflow === "discard" || !facts.truncated) return { exitCode: 0, ...facts };
    throw new MeanwhileError("OUTPUT_LIMIT", "The command printed more than may be kept.", {
      details: { exitCode: 0, ...facts },
    });
  }
  if (exit?.type === "signal") {
    const details: ErrorDetails = { signal: exit.signal, ...facts };
    throw new MeanwhileError("SIGNAL", `The command was ended by ${exit.signal}.`, { details });
  }
  const code = exit?.code ?? null;
  const why = code === 126 || code === 127 ? await whyNotStartable(executable) : undefined;
  if (why !== undefined) {
    throw new MeanwhileError("SPAWN", `The command could not be started: ${why}.`);
  }
  throw new MeanwhileError("EXIT_CODE", `The command exited with code ${code}${hint(code)}.`, {
    details: { exitCode: code, ...facts },
  });
}

async function outputFacts(
  options: OutcomeOptions,
): Promise<{ readonly outputBytes: number; readonly truncated: boolean }> {
  const { record, outputFile, outputStart, maxBytes } = options;
  const size = fileSize(outputFile);
  await trimOutput(outputFile, maxBytes);
  return {
    outputBytes: Math.max(0, Math.min(size, maxBytes) - outputStart),
    truncated: size > maxBytes || record.cut,
  };
}

function hint(code: number | null): string {
  if (code === 126) return ": something in it could not be executed";
  if (code === 127) return ": something in it was not found";
  if (code === 130) return ", which is also how an end by SIGINT looks";
  if (code === 141) return ", which is also how an end by SIGPIPE looks";
  // Windows has no signals; a program that crashed exits with an NTSTATUS of severity "error".
  if (code !== null && code >= 0xc0000000) {
    return `, the Windows status 0x${code.toString(16).toUpperCase()}`;
  }
  return "";
}
