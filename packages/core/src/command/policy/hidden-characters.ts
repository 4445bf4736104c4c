import { showControlCharacters } from "../../render/control-characters.ts";
import { removeInvisible } from "../../render/invisible-characters.ts";

/**
 * Whether what a person sees of a text may differ from what a program gets: control characters but
 * newline and tab, zero-width and bidirectional ones, other line ends.
 */
export function hasHiddenCharacters(text: string): boolean {
  if (/^[\x20-\x7e\n\t]*$/.test(text)) return false;
  return (
    showControlCharacters(text) !== text ||
    removeInvisible(text).invisible > 0 ||
    /[\u2028\u2029]/.test(text)
  );
}
