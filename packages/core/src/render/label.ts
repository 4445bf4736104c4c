import { cutEnd } from "./cut.ts";
import { closingBrackets, openingBrackets } from "./look-alikes.ts";
import { cleanOutput } from "./render-output.ts";
import { defangTags } from "./reserved-tags.ts";
import { breakTurnMarkers } from "./turn-markers.ts";

export interface LabelOptions {
  /** Most UTF-16 units of the label. @default 80 */
  readonly maxChars?: number;
  /** Known secret values. @default [] */
  readonly redact?: readonly string[];
}

const noSecrets: readonly string[] = [];
const opening = new RegExp(`[${openingBrackets}]`, "g");
const closing = new RegExp(`[${closingBrackets}]`, "g");

/**
 * A title or message, chosen by a task or a caller, as one line that can stand in a sentence,
 * between double quotes or in an attribute: no newline, quote or angle bracket is left in it.
 */
export function renderLabel(text: string, options: LabelOptions = {}): string {
  const { maxChars = 80, redact = noSecrets } = options;
  const line = cleanOutput(text, redact)
    .text.replace(/\s+/g, " ")
    .trim()
    .replace(opening, "‹")
    .replace(closing, "›")
    .replace(/["\uff02\u201c-\u201f]/g, "'");
  return cutEnd(breakTurnMarkers(defangTags(line)), maxChars);
}
