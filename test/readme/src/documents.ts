import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "../../..");

/** A Markdown file that users read. */
export interface Document {
  /** From the root, with slashes. */
  path: string;
  text: string;
}

/** README.md and SECURITY.md, the README of each package, and the pages of docs. */
export function readDocuments(): Document[] {
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`);
  const pages = readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`);
  return ["README.md", "SECURITY.md", ...packages, ...pages].map((path) => ({
    path,
    text: readFileSync(join(root, path), "utf8"),
  }));
}
