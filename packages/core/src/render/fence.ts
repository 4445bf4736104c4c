import { renderLabel } from "./label.ts";
import { defangTags } from "./reserved-tags.ts";

/**
 * Puts a program's text, rendered before, between tags that it cannot close: the tag's name is
 * reserved, and reserved tags are taken apart in the text (again, which changes nothing in
 * rendered text). `label` says which of the program's words they are: "output", "result", "message".
 */
export function fence(text: string, label: string): string {
  return `${fenceStart(label)}\n${defangTags(text)}\n${fenceEnd}`;
}

/** UTF-16 units that a fence adds to its text. */
export function fenceChars(label: string): number {
  return fenceStart(label).length + fenceEnd.length + 2;
}

const fenceEnd = "</task-output>";

/** There are only a few labels, and each notification has one. */
const starts = new Map<string, string>();

function fenceStart(label: string): string {
  const known = starts.get(label);
  if (known !== undefined) return known;
  const start = `<task-output of="${renderLabel(label, { maxChars: 40 })}" from="program, not user">`;
  if (starts.size < 100) starts.set(label, start);
  return start;
}
