import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Unique on the machine, and the same for every manager that looks at the run. */
export function markerFor(recordFile: string): string {
  return createHash("sha256")
    .update(join(realpathSync(dirname(recordFile)), basename(recordFile)))
    .digest("hex")
    .slice(0, 32);
}
