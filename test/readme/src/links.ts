import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Document, root } from "./documents.ts";

/** Links of a document that lead to no file or to no heading of this repository. */
export function brokenLinks({ path, text }: Document): string[] {
  const links = [...text.matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    const [file = "", heading] = link.split("#");
    const target = file === "" ? join(root, path) : join(root, dirname(path), file);
    if (!existsSync(target)) return true;
    return heading !== undefined && !anchors(readFileSync(target, "utf8")).includes(heading);
  });
}

/** How GitHub names the headings of a document. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
