import { cutEnd, cutMiddle } from "./cut.ts";

/** Characters that are set aside for the mark between head and tail. */
const markChars = 100;

/**
 * Keeps the beginning and the end of a text within a budget, the end more than the beginning:
 * programs say last why they failed.
 */
export function headAndTail(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  if (maxChars < 2 * markChars) return cutEnd(text, maxChars);
  const keep = maxChars - markChars;
  const head = Math.floor(keep / 3);
  return cutMiddle(
    text,
    { head, tail: keep - head },
    (omitted) => `\n[… ${omitted} characters omitted; full output in the task log …]\n`,
  );
}
