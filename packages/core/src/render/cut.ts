import { defangTags } from "./reserved-tags.ts";
import { turnColon } from "./turn-markers.ts";

/**
 * Replaces the middle of a text by a mark that says how many UTF-16 units are missing. Keeps so
 * many at both ends, and a few less where the cut would halve a character or make something
 * reserved out of what was harmless: `<tasks>` cut behind its k, or `…Human:` behind the mark.
 */
export function cutMiddle(
  text: string,
  keep: { readonly head: number; readonly tail: number },
  mark: (omitted: number) => string,
): string {
  let head = isInsideCharacter(text, keep.head) ? keep.head - 1 : keep.head;
  let tail = text.length - keep.tail;
  if (isInsideCharacter(text, tail)) tail += 1;
  while (turnColon(text, tail) !== -1) tail += 1;
  // `Promise<User>` cut behind its e.
  const behind = text.slice(tail, tail + longestTag);
  if (defangTags(behind)[0] !== behind[0]) tail += 1;
  const cut = text.slice(0, head) + mark(0);
  const safe = defangTags(cut);
  if (safe !== cut) head = firstDifference(cut, safe);
  return text.slice(0, head) + mark(tail - head) + text.slice(tail);
}

const longestTag = 100;

/** Keeps the beginning, with an ellipsis when something is missing; never more than `maxChars`. */
export function cutEnd(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  if (maxChars < 1) return "";
  return cutMiddle(text, { head: maxChars - 1, tail: 0 }, () => "…");
}

function isInsideCharacter(text: string, at: number): boolean {
  return /[\udc00-\udfff]/.test(text[at] ?? "") && /[\ud800-\udbff]/.test(text[at - 1] ?? "");
}

function firstDifference(left: string, right: string): number {
  let at = 0;
  while (left[at] === right[at]) at += 1;
  return at;
}
