import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { markerVariable } from "../end/processes.ts";

/** Unique on the machine, and the same for every manager that looks at the run. */
export function markerFor(recordFile: string): string {
  return createHash("sha256")
    .update(join(realpathSync.native(dirname(recordFile)), basename(recordFile)))
    .digest("hex")
    .slice(0, 32);
}

/**
 * The environment with the marker in it. A manager may itself run inside a command of another, whose
 * marker is kept: ending the outer command ends ours as well.
 */
export function withMarker(
  env: Readonly<Record<string, string>>,
  marker: string,
): Readonly<Record<string, string>> {
  const outer = process.env[markerVariable];
  const all = outer === undefined || outer === "" ? marker : `${outer}:${marker}`;
  return { ...env, [markerVariable]: all };
}
