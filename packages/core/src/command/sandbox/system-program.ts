import { access, constants, realpath } from "node:fs/promises";
import { join } from "node:path";
import { systemPath } from "../platform.ts";

/** Real path of a program in the system's own folders, whatever `PATH` says. */
export async function findSystemProgram(name: string): Promise<string | undefined> {
  for (const folder of systemPath.split(":")) {
    try {
      const path = await realpath(join(folder, name));
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return undefined;
}
