import { Buffer } from "node:buffer";
import { type TextView, viewText } from "./text-view.ts";

/** Where programs break long lines; `\n` is how JSON writes that. */
const lineBreak = String.raw`\n[ \t]{0,8}|\\{1,8}n`;
const otherThanText = String.raw`%(?:25){0,8}([0-9a-f]{2})|\\{1,8}(?:x([0-9a-f]{2})|u(d[89ab][0-9a-f]{2})\\{1,8}u(d[c-f][0-9a-f]{2})|u([0-9a-f]{4})|([0-3][0-7]{2}))|&(?:#0{0,8}(\d{1,7})|#x0{0,8}([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));|\\{1,8}|\+|[\ud800-\udbff][\udc00-\udfff]|[^\x00-\x7f]`;
const otherInLine = new RegExp(otherThanText, "gi");
const otherOrBreak = new RegExp(`${lineBreak}|${otherThanText}`, "gi");

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

/**
 * The text's bytes, each as one character, with what escapes one undone: `%2F`, `%252F`, `\/`,
 * `\x2f`, `\u002f`, `\057`, `&#47;`, `&amp;`. A plus sign is a space. Without NUL, of which UTF-16
 * is full, and without line breaks when `joined`.
 */
export function unescapedView(text: string, { joined }: { readonly joined: boolean }): TextView {
  return viewText(text, joined ? otherOrBreak : otherInLine, (match) => bare(unescaped(match)));
}

/** Without what may be there or not: NUL, and backslashes that escape nothing. */
function bare(text: string): string {
  return text.replaceAll("+", " ").replace(/[\0\\]/g, "");
}

function unescaped([
  whole,
  ...[byte, hex, high, low, unit, octal, decimal, code, name]
]: RegExpExecArray): string {
  const single = byte ?? hex;
  if (single !== undefined) return String.fromCharCode(Number.parseInt(single, 16));
  if (high !== undefined && low !== undefined) {
    return bytesOf(String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16)));
  }
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  if (unit !== undefined) return bytesOf(fromCode(Number.parseInt(unit, 16)));
  if (code !== undefined) return bytesOf(fromCode(Number.parseInt(code, 16)));
  if (decimal !== undefined) return bytesOf(fromCode(Number(decimal)));
  if (name !== undefined) return named[name.toLowerCase()] ?? "";
  // Backslashes and line breaks are left out.
  return whole === "+" || whole > "\x7f" ? bytesOf(whole) : "";
}

function fromCode(code: number): string {
  return code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
}

function bytesOf(text: string): string {
  return Buffer.from(text.toWellFormed()).toString("latin1");
}

const breaks = new RegExp(lineBreak, "g");

/** Base64 in its first alphabet, without line breaks. */
export function base64View(text: string): TextView {
  return viewText(text.replaceAll("-", "+").replaceAll("_", "/"), breaks, () => "");
}
