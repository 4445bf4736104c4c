import { glyphAt, readsAs } from "./look-alikes.ts";

/**
 * Breaks what looks like the beginning of a turn: at the start of a line `Human:` becomes
 * `Human\:`, likewise `Assistant:`; with a capital also `System:`, `User:`, `Developer:` and
 * `AI:`, which in small letters are common keys; and the headings `### Instruction:`
 * and `### Response:`.
 */
export function breakTurnMarkers(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let line = 0; line !== -1; line = nextLine(text, line)) {
    const colon = turnColon(text, line);
    if (colon === -1) continue;
    kept.push(text.slice(from, colon), "\\");
    from = colon;
  }
  return from === 0 ? text : kept.join("") + text.slice(from);
}

/** Where the colon of a turn marker is that begins at this index; -1 where there is none. */
export function turnColon(text: string, line: number): number {
  const start = skip(text, line, decoration);
  let name = "";
  let at = start;
  while (name.length <= longestRole) {
    const { folded, width } = glyphAt(text, at);
    if (width === 0 || (folded !== "" && !/\p{L}/u.test(folded))) break;
    name += folded;
    at += width;
  }
  const isRole =
    readsAs(name, roles) ||
    (readsAs(name, capitalRoles) && !/[a-z]/.test(text[start] ?? "")) ||
    (readsAs(name, headings) && text.slice(line, start).includes("#"));
  if (!isRole) return -1;
  const colon = skip(text, at, decoration);
  return glyphAt(text, colon).folded === ":" ? colon : -1;
}

const roles: ReadonlySet<string> = new Set(["human", "assistant"]);
const capitalRoles: ReadonlySet<string> = new Set(["user", "system", "developer", "ai"]);
const headings: ReadonlySet<string> = new Set(["instruction", "instructions", "response"]);

/** Indents, headings, quotes, emphasis and brackets. */
const decoration = /[\s#>*_"'`()[\]]/;
const longestRole = "instructions".length;
const longestDecoration = 200;

function skip(text: string, from: number, what: RegExp): number {
  let at = from;
  while (at < from + longestDecoration && text[at] !== "\n" && what.test(text[at] ?? "")) at += 1;
  return at;
}

function nextLine(text: string, line: number): number {
  const newline = text.indexOf("\n", line);
  return newline === -1 ? -1 : newline + 1;
}
