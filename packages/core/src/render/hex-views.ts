import { type TextView, viewText } from "./text-view.ts";

/** A part of a text, and where that begins. */
interface PartView {
  readonly view: TextView;
  readonly at: number;
}

/**
 * Each stretch of so many characters or more that may be bytes written as numbers: as hexadecimal
 * digits in small letters, without what stands between, as in `6B:6E`, `0x6b, 0x6e` and `[107, 110]`,
 * and each dump, as of `xxd` and `hexdump -C`, without its offsets and its right column.
 */
export function hexViews(text: string, least: number): PartView[] {
  return [
    ...stretches(text, hexStretch, least).map(([stretch, at]) => ({
      at,
      view: viewText(stretch.toLowerCase(), hexFiller, () => ""),
    })),
    ...stretches(text, decimalStretch, least).map(([stretch, at]) => ({
      at,
      view: viewText(stretch, decimal, ([, value]) => Number(value).toString(16).padStart(2, "0")),
    })),
    ...stretches(text, dump, 0).map(([lines, at]) => ({ at, view: dumpView(lines) })),
  ];
}

/** All that hexadecimal is written in. */
const hexStretch = /[0-9a-fux\\%\s:,-]{8,}/gi;
const hexFiller = /[\s:,-]|\\{1,8}(?:x|u00)|%(?:25){0,8}|0x(?=[0-9a-f]{2})/gi;

const decimalStretch = /\d{1,3}(?:\s{0,20},\s{0,20}\d{1,3}){3,}/g;
const decimal = /(\d{1,3})[\s,]*/g;

/** Lines of an offset, bytes in groups, and perhaps the same as text. */
const dump = /(?:^[0-9a-f]{5,16}:?[ \t]+(?:[0-9a-f]{2}){1,4}\b.*\n?)+/gim;
const dumpLine = /^[0-9a-f]{5,16}:?[ \t]+(.*)\n?/gim;

/** Whatever is found in a line stands for all of it, so that its right column goes too. */
function dumpView(lines: string): TextView {
  return viewText(lines, dumpLine, ([, rest = ""]) => {
    const bar = rest.indexOf("  |");
    const bytes = bar === -1 ? (rest.split("  ", 1)[0] ?? "") : rest.slice(0, bar);
    return bytes.replaceAll(" ", "").toLowerCase();
  });
}

function stretches(text: string, pattern: RegExp, least: number): (readonly [string, number])[] {
  return [...text.matchAll(pattern)]
    .filter(([stretch]) => stretch.length >= least)
    .map(({ 0: stretch, index }) => [stretch, index] as const);
}
