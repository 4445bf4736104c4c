import { stat } from "node:fs/promises";
import type { CommandGrant } from "../policy/policy.ts";

/**
 * What the paths of a grant lead to: another text once the program's file was replaced or written
 * to, or the working directory is another folder, or either is gone.
 */
export async function diskState({ executable, cwd }: CommandGrant): Promise<string> {
  const [program, folder] = await Promise.all([
    look(executable, ["dev", "ino", "size", "mtimeNs", "ctimeNs"]),
    look(cwd, ["dev", "ino"]),
  ]);
  return `${program} ${folder}`;
}

type Field = "dev" | "ino" | "size" | "mtimeNs" | "ctimeNs";

async function look(path: string, fields: readonly Field[]): Promise<string> {
  try {
    const found = await stat(path, { bigint: true });
    return fields.map((field) => found[field]).join(":");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
