import { anyButNewline, single } from "./character-set.ts";
import { parseClass, parseClassEscape } from "./parse-class.ts";
import { parseCharacterEscape } from "./parse-escape.ts";
import { type Scanner, scan } from "./scanner.ts";
import type { Syntax } from "./syntax.ts";

/** Deepest nesting of groups. */
const deepest = 100;
/** Largest number in `{m,n}`. */
const largestCount = 1_000;

/** @throws MeanwhileError `INVALID_INPUT` for what is wrong or not supported. */
export function parsePattern(source: string): Syntax {
  const scanner = scan(source);
  const pattern = parseChoice(scanner, 0);
  if (scanner.peek() === ")") throw scanner.refuse("has a ) without its (");
  return pattern;
}

function parseChoice(scanner: Scanner, depth: number): Syntax {
  if (depth > deepest) throw scanner.refuse(`nests groups deeper than ${deepest}`);
  const options = [parseSequence(scanner, depth)];
  while (scanner.take("|")) options.push(parseSequence(scanner, depth));
  return options.length === 1 ? (options[0] as Syntax) : { type: "choice", options };
}

function parseSequence(scanner: Scanner, depth: number): Syntax {
  const parts: Syntax[] = [];
  for (let next = scanner.peek(); next !== "" && next !== "|" && next !== ")"; ) {
    const part = parseRepeat(scanner, parseAtom(scanner, depth));
    // An empty group matches everywhere; leaving it out keeps the program's size honest.
    if (!isEmpty(part)) parts.push(part);
    next = scanner.peek();
  }
  return parts.length === 1 ? (parts[0] as Syntax) : { type: "sequence", parts };
}

function isEmpty(syntax: Syntax): boolean {
  return syntax.type === "sequence" && syntax.parts.length === 0;
}

function parseAtom(scanner: Scanner, depth: number): Syntax {
  const character = scanner.next();
  switch (character) {
    case "(":
      return parseGroup(scanner, depth);
    case "[":
      return { type: "set", set: parseClass(scanner) };
    case ".":
      return { type: "set", set: anyButNewline };
    case "^":
      return { type: "assertion", assertion: "start" };
    case "$":
      return { type: "assertion", assertion: "end" };
    case "*":
    case "+":
    case "?":
      throw scanner.refuse(`has a ${character} with nothing before it to repeat`);
    case "\\":
      return parseEscape(scanner);
    default:
      return { type: "set", set: single(character.codePointAt(0) as number) };
  }
}

function parseGroup(scanner: Scanner, depth: number): Syntax {
  if (scanner.take("?")) {
    if (scanner.take("=") || scanner.take("!") || scanner.take("<=") || scanner.take("<!")) {
      throw scanner.refuse("uses look-around, which is not supported");
    }
    const named = scanner.takeMatch(/<[A-Za-z_]\w*>|P<[A-Za-z_]\w*>|:/y);
    if (named === "") {
      throw scanner.refuse("uses a kind of group that is not supported; use (…) or (?:…)");
    }
  }
  const group = parseChoice(scanner, depth + 1);
  if (!scanner.take(")")) throw scanner.refuse("has a ( without its )");
  return group;
}

function parseEscape(scanner: Scanner): Syntax {
  if (scanner.take("b")) return { type: "assertion", assertion: "boundary" };
  if (scanner.take("B")) return { type: "assertion", assertion: "not-boundary" };
  const ranges = parseClassEscape(scanner);
  if (ranges !== undefined) return { type: "set", set: { ranges, negated: false } };
  return { type: "set", set: single(parseCharacterEscape(scanner)) };
}

function parseRepeat(scanner: Scanner, part: Syntax): Syntax {
  const count = parseCount(scanner);
  if (count === undefined) return part;
  if (part.type === "assertion") throw scanner.refuse("repeats ^, $, \\b or \\B");
  // Whether a repeat is lazy changes what is captured, not whether there is a match.
  scanner.take("?");
  if (scanner.peek() === "+") throw scanner.refuse("uses a possessive repeat; leave the + away");
  if (parseCount(scanner) !== undefined) throw scanner.refuse("repeats a repeat; use a group");
  // As with an empty group: what is repeated zero times would be gone through all the same.
  if (isEmpty(part) || count.most === 0) return { type: "sequence", parts: [] };
  return { type: "repeat", part, ...count };
}

function parseCount(scanner: Scanner): { least: number; most: number } | undefined {
  if (scanner.take("*")) return { least: 0, most: Number.POSITIVE_INFINITY };
  if (scanner.take("+")) return { least: 1, most: Number.POSITIVE_INFINITY };
  if (scanner.take("?")) return { least: 0, most: 1 };
  // A brace that is no count is a brace, as in most dialects.
  const braces = scanner.takeMatch(/\{\d+(?:,\d*)?\}/y);
  if (braces === "") return undefined;
  const [low, high] = braces.slice(1, -1).split(",");
  const least = Number(low);
  const most = high === undefined ? least : high === "" ? Number.POSITIVE_INFINITY : Number(high);
  if (least > most) throw scanner.refuse(`has the count ${braces}, whose numbers are swapped`);
  if (least > largestCount || (Number.isFinite(most) && most > largestCount)) {
    throw scanner.refuse(`has a count above ${largestCount}`);
  }
  return { least, most };
}
