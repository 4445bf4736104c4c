import { showControlCharacters } from "./control-characters.ts";
import { stripEscapeSequences } from "./escape-sequences.ts";
import { headAndTail } from "./head-and-tail.ts";
import { removeInvisible } from "./invisible-characters.ts";
import { cutLongLines } from "./long-lines.ts";
import { normaliseNewlines } from "./newlines.ts";
import { overlayLines } from "./overlay.ts";
import { collapseRepeats } from "./repeats.ts";
import { defangTags } from "./reserved-tags.ts";
import { redactSecrets } from "./secrets.ts";
import { breakTurnMarkers } from "./turn-markers.ts";

export interface RenderOptions {
  /**
   * Most UTF-16 units of the result. From 200 up, 100 of them are set aside for the mark of a cut.
   * @default 30100
   */
  readonly maxChars?: number;
  /**
   * Known secret values of at least four characters. Give the same array each time: what is
   * worked out from it is kept.
   * @default []
   */
  readonly redact?: readonly string[];
  /** Cuts lines beyond 2,040 characters. @default true */
  readonly cutLines?: boolean;
}

/** A program's text made fit to be shown to a model, and what was done to it. */
export interface RenderedOutput {
  readonly text: string;
  /** Terminal control sequences removed. */
  readonly stripped: number;
  /** Invisible characters removed; a pile of combining marks counts once. */
  readonly invisible: number;
  /** Secrets replaced. */
  readonly redacted: number;
  /** True when part of the text was cut, of a line or of the whole. */
  readonly truncated: boolean;
}

const noSecrets: readonly string[] = [];

/**
 * Makes a program's text fit to be shown to a model: what it shows is what a terminal would show,
 * nothing in it is invisible, and it can neither speak as the harness nor close a fence. Plain
 * words stay as they are, whatever they ask for.
 *
 * The order matters, since each step may uncover what the next looks for: an escape sequence
 * inside a secret, a zero-width space inside a tag. Takes time in proportion to the text, which
 * the caller bounds. A second rendering of the result changes nothing, unless it was cut.
 */
export function renderOutput(text: string, options: RenderOptions = {}): RenderedOutput {
  const { maxChars = 30_100, redact = noSecrets, cutLines = true } = options;
  const clean = cleanOutput(text, redact);
  const safe = breakTurnMarkers(defangTags(clean.text));
  const lines = cutLines ? cutLongLines(safe) : safe;
  const collapsed = collapseRepeats(lines);
  const fitted = headAndTail(collapsed, maxChars);
  return {
    ...clean,
    text: fitted,
    truncated: lines !== safe || fitted !== collapsed,
  };
}

/** The steps that do not depend on where the text will stand. */
export function cleanOutput(
  text: string,
  redact: readonly string[],
): Omit<RenderedOutput, "truncated"> {
  const { text: shown, ...counts } = visibleText(text);
  return { ...counts, ...redactSecrets(shown, redact) };
}

/** What a terminal would show of it, as far as a reader can see it. */
export function visibleText(text: string): Omit<RenderedOutput, "truncated" | "redacted"> {
  if (plain.test(text)) return { text, stripped: 0, invisible: 0 };
  const { text: shown, stripped } = stripEscapeSequences(normaliseNewlines(text.toWellFormed()));
  const { text: visible, invisible } = removeInvisible(overlayLines(shown));
  return { text: showControlCharacters(visible), stripped, invisible };
}

/** Text that is shown as it is: most of what programs print. */
const plain = /^[\n\t -~]*$/;
