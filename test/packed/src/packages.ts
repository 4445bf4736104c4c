import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "../../..");

/** A package of this repository that is published. */
export interface Package {
  name: string;
  directory: string;
  /** What users import: `@meanwhile/core`, `@meanwhile/core/sqlite`, … */
  entries: string[];
}

export function publishedPackages(): Package[] {
  return readdirSync(join(root, "packages"))
    .map((folder) => readPackage(join(root, "packages", folder)))
    .sort((one, other) => one.name.localeCompare(other.name));
}

function readPackage(directory: string): Package {
  const { name, exports } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const entries = Object.keys(exports)
    .filter((entry) => !entry.endsWith(".json"))
    .map((entry) => entry.replace(/^\./, name));
  return { name, directory, entries };
}
