import { constants, lstatSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { MeanwhileError } from "../errors.ts";
import type { TaskContext } from "../task/context.ts";
import type { CommandGrant } from "./policy/policy.ts";

/** The name of a command's output in the task's folder. */
export const outputName = "output";

/** Most bytes of a command's output that are kept. */
export function outputCap(
  { outputBytes }: Pick<TaskContext, "outputBytes">,
  { limits }: Pick<CommandGrant, "limits">,
): number {
  return Math.min(outputBytes, limits?.outputBytes ?? outputBytes);
}

/** Bytes that the file has; 0 for one that does not exist. Throws `STORE`. */
export function fileSize(file: string): number {
  try {
    // It does not exist yet when a command starts, and an error takes longer than the look.
    return lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch (error) {
    throw new MeanwhileError("STORE", `The output file ${file} cannot be read.`, { cause: error });
  }
}

/** Cuts off what is beyond; a wrapper can limit a file to whole blocks only. */
export async function trimOutput(file: string, maxBytes: number): Promise<void> {
  if (fileSize(file) <= maxBytes) return;
  const { O_WRONLY, O_NOFOLLOW = 0 } = constants;
  await using handle = await open(file, O_WRONLY | O_NOFOLLOW);
  await handle.truncate(maxBytes);
}

/** Opens the file to append to; one that does not exist is made with mode 0600. Throws `SPAWN`. */
export async function openOutputFile(file: string): Promise<FileHandle> {
  // O_NOFOLLOW: whoever can write into the folder must not redirect the output. Windows has none.
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants;
  try {
    return await open(file, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  } catch (cause) {
    throw new MeanwhileError(
      "SPAWN",
      `The command could not be started: its output file ${file} cannot be written.`,
      { cause },
    );
  }
}
