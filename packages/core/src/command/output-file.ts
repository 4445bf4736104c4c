import { statSync } from "node:fs";
import { MeanwhileError } from "../errors.ts";

/** The name of a command's output in the task's folder. */
export const outputName = "output";

/** Bytes that the file has; 0 for one that does not exist. Throws `STORE`. */
export function fileSize(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw new MeanwhileError("STORE", `The output file ${file} cannot be read.`, { cause: error });
  }
}
