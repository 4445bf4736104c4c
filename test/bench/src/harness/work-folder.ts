import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "./at-end.ts";

/** A folder on the disk that is measured, gone after use and also when the program is interrupted. */
export async function inWorkFolder<Value>(use: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), "meanwhile-bench-"));
  const remove = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  try {
    return await use(folder);
  } finally {
    remove();
  }
}
