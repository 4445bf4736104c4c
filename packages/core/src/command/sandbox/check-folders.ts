import { resolve } from "node:path";
import { MeanwhileError } from "../../errors.ts";

/** Gives absolute paths. Throws `INVALID_OPTION` for what is no path, and for the whole machine. */
export function checkFolders(option: string, folders: readonly string[]): readonly string[] {
  if (!Array.isArray(folders)) throw invalid(option, "must be a list of paths");
  return folders.map((folder: unknown) => {
    if (typeof folder !== "string" || folder === "" || folder.includes("\0")) {
      throw invalid(option, `has ${JSON.stringify(folder)}, which is not a path`);
    }
    const path = resolve(folder);
    if (path !== "/") return path;
    throw invalid(option, "has /, with which nothing would be kept out. Name the folders needed");
  });
}

function invalid(option: string, why: string): MeanwhileError {
  return new MeanwhileError("INVALID_OPTION", `${option} of the sandbox ${why}.`);
}
