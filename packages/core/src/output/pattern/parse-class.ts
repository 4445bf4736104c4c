import {
  type CharacterSet,
  complement,
  digits,
  type Ranges,
  union,
  whiteSpace,
  wordCharacters,
} from "./character-set.ts";
import { parseCharacterEscape } from "./parse-escape.ts";
import type { Scanner } from "./scanner.ts";

/** What stands between `[`, which was read, and `]`. */
export function parseClass(scanner: Scanner): CharacterSet {
  const negated = scanner.take("^");
  const ranges: number[] = [];
  while (!scanner.take("]")) {
    const from = parseMember(scanner);
    if (typeof from !== "number") {
      ranges.push(...from);
      continue;
    }
    const to = scanner.takeMatch(/-(?!\])/y) === "" ? from : parseMember(scanner);
    if (typeof to !== "number") {
      // `[a-\d]`: the hyphen stands for itself.
      ranges.push(from, from, 0x2d, 0x2d, ...to);
      continue;
    }
    if (to < from) throw scanner.refuse("has a class with a range that is out of order");
    ranges.push(from, to);
  }
  return { ranges: union(ranges), negated };
}

/** `\d`, `\w`, `\s` and their negations; undefined when something else follows the backslash. */
export function parseClassEscape(scanner: Scanner): Ranges | undefined {
  const letter = scanner.takeMatch(/[dswDSW]/y);
  if (letter === "") return undefined;
  const ranges = { d: digits, s: whiteSpace, w: wordCharacters }[letter.toLowerCase()] as Ranges;
  return letter === letter.toLowerCase() ? ranges : complement(ranges);
}

/** One character, or the ranges of a class escape. */
function parseMember(scanner: Scanner): number | Ranges {
  if (scanner.peek() === "") throw scanner.refuse("has a [ without its ]");
  if (scanner.take("[:")) {
    throw scanner.refuse("uses a POSIX class such as [:alpha:], which is not supported");
  }
  const character = scanner.next();
  if (character !== "\\") return character.codePointAt(0) as number;
  const ranges = parseClassEscape(scanner);
  if (ranges !== undefined) return ranges;
  if (scanner.take("b")) return 0x08;
  return scanner.take("-") ? 0x2d : parseCharacterEscape(scanner);
}
