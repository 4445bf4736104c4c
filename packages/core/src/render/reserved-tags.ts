import { glyphAt, openingBrackets, readsAs } from "./look-alikes.ts";
import {
  reservedBrackets,
  reservedNames,
  reservedTokens,
  reservedWords,
} from "./reserved-names.ts";

/**
 * Takes the opening bracket from reserved tags and template tokens: `<task-output>` becomes
 * `&lt;task-output>`, `[INST]` becomes `&#91;INST]`. White space, slashes and look-alike characters
 * do not get around it; other tags stay as they are. Running it twice changes nothing more.
 */
export function defangTags(text: string): string {
  return text.replace(candidate, (bracket: string, at: number) => {
    if (bracket === "[" || bracket === fullWidthBracket) {
      return opensBracketToken(text, at) ? "&#91;" : bracket;
    }
    return opensTag(text, at) ? "&lt;" : bracket;
  });
}

const fullWidthBracket = "\uff3b";
const candidate = new RegExp(`[${openingBrackets}${fullWidthBracket}\\[]`, "g");

/** Whether the bracket at an index begins a reserved tag. */
function opensTag(text: string, at: number): boolean {
  const start = skipFiller(text, at + 1);
  const first = glyphAt(text, start.next).folded;
  if (first === "|") return closesWithBar(text, start.next + 1);
  if (first === "<") {
    const system = readName(text, skipFiller(text, start.next + 1).next);
    return system.name === "sys" && glyphAt(text, system.next).folded === ">";
  }
  const tag = readName(text, start.next);
  if (isReserved(text, tag, start.blank && !start.slash)) return true;
  if ((start.slash || !isGeneric(text, at)) && isWord(text, tag)) return true;
  const behind = glyphAt(text, tag.next).folded;
  if (separator.test(behind)) {
    const rest = readName(text, tag.next + 1);
    return readsAs(tag.name + rest.name, reservedNames);
  }
  if (behind !== ":") return false;
  // A name space in front of the name; one is nobody's but a harness's.
  return tag.name === "antml" || isReserved(text, readName(text, tag.next + 1), false);
}

/** `gap` is white space, and no slash, between the bracket and the name. */
function isReserved(text: string, { name, next }: Name, gap: boolean): boolean {
  if (reservedTokens.has(name)) {
    return glyphAt(text, skipFiller(text, next).next).folded === ">";
  }
  if (!readsAs(name, reservedNames)) return false;
  // `a < task;` is a comparison: a lone word behind a gap counts only where a tag could go on.
  return !gap || name.includes("-") || /^(?:[\s>/]|)$/.test(glyphAt(text, next).folded);
}

/** `Promise<User>` is code. */
function isGeneric(text: string, at: number): boolean {
  return /[\p{L}\p{N}_$)\]]$/u.test(text.slice(Math.max(at - 2, 0), at));
}

function isWord(text: string, { name, next }: Name): boolean {
  return readsAs(name, reservedWords) && /^(?:[\s>/=]|)$/.test(glyphAt(text, next).folded);
}

/** What may stand between the words of a name in the place of a hyphen. */
const separator = /[.\u00b7\u2022\u22c5~+]/;

/** Template tokens such as `<|im_start|>`, with the bar of either width. */
function closesWithBar(text: string, from: number): boolean {
  const token = readName(text, skipFiller(text, from).next);
  return token.name !== "" && glyphAt(text, skipFiller(text, token.next).next).folded === "|";
}

function opensBracketToken(text: string, at: number): boolean {
  const start = skipFiller(text, at + 1).next;
  // `rows[inst]` in lower case is code.
  if (/[a-z]/.test(text[start] ?? "")) return false;
  const token = readName(text, start);
  return (
    readsAs(token.name, reservedBrackets) &&
    glyphAt(text, skipFiller(text, token.next).next).folded === "]"
  );
}

/** Passes over white space, marks and slashes. */
function skipFiller(text: string, from: number): { next: number; blank: boolean; slash: boolean } {
  let next = from;
  let blank = false;
  let slash = false;
  for (;;) {
    const { folded, width } = glyphAt(text, next);
    if (width === 0) return { next, blank, slash };
    if (folded === "/" || folded === "\\") slash = true;
    else if (folded !== "" && folded.trim() === "") blank = true;
    else if (folded !== "") return { next, blank, slash };
    next += width;
  }
}

interface Name {
  readonly name: string;
  /** Index behind it. */
  readonly next: number;
}

/** Reads a name in folded characters. One that is too long is cut, and then in no list. */
function readName(text: string, from: number): Name {
  let name = "";
  let next = from;
  for (let read = 0; read < longestName; read += 1) {
    const { folded, width } = glyphAt(text, next);
    // A mark may decorate a letter of the name or stand for what ends it.
    if (folded === "" ? readsAs(name, reservedNames) : !/[\p{L}\p{N}_-]/u.test(folded)) break;
    if (width === 0) break;
    name += folded === "_" ? "-" : folded;
    next += width;
  }
  return { name, next };
}

const longestName = 60;
