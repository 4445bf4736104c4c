import { visibleWord } from "../approval/visible-word.ts";

/** A text in a sentence: in quotes, short, as visible ASCII. */
export function show(text: string): string {
  return JSON.stringify(cut(text)).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** An argument list in a sentence, in the same way. */
export function showShort(argv: readonly string[]): string {
  return `"${cut(showCommand(argv))}"`;
}

/** An argument list as a person would type it, as visible ASCII. */
export function showCommand(argv: readonly string[]): string {
  return argv.map((word) => visibleWord(word)).join(" ");
}

function cut(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}
