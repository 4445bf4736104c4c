import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The id of the folder's thread: a new one at the first start, the same at the next. */
export async function threadIn(folder: string): Promise<string> {
  const file = join(folder, "thread");
  try {
    return await readFile(file, "utf8");
  } catch {
    const id = randomUUID();
    await writeFile(file, id, { mode: 0o600 });
    return id;
  }
}
