/** Code points as ranges: from, to, from, to, …; sorted, without overlap. */
export type Ranges = readonly number[];

/** A set of code points, or all but those of it. */
export interface CharacterSet {
  readonly ranges: Ranges;
  readonly negated: boolean;
}

const lastCodePoint = 0x10ffff;

export function single(codePoint: number): CharacterSet {
  return { ranges: [codePoint, codePoint], negated: false };
}

/** What ends a line in ECMAScript: newline, carriage return and the two separators. */
export const anyButNewline: CharacterSet = {
  ranges: [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029],
  negated: true,
};

export const digits: Ranges = [0x30, 0x39];
export const wordCharacters: Ranges = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
/** White space and line ends of ECMAScript. */
export const whiteSpace: Ranges = [
  0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f,
  0x202f, 0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff,
];

/** Sorts and merges ranges that were gathered in any order. */
export function union(ranges: Ranges): Ranges {
  const pairs: [number, number][] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    pairs.push([ranges[at] as number, ranges[at + 1] as number]);
  }
  pairs.sort((left, right) => left[0] - right[0]);
  const merged: number[] = [];
  for (const [from, to] of pairs) {
    const last = merged.length - 1;
    if (last > 0 && from <= (merged[last] as number) + 1) {
      merged[last] = Math.max(merged[last] as number, to);
    } else {
      merged.push(from, to);
    }
  }
  return merged;
}

export function complement(ranges: Ranges): Ranges {
  const rest: number[] = [];
  let next = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    const from = ranges[at] as number;
    if (from > next) rest.push(next, from - 1);
    next = (ranges[at + 1] as number) + 1;
  }
  if (next <= lastCodePoint) rest.push(next, lastCodePoint);
  return rest;
}

/** Whether the ranges hold a code point, found by halving. */
export function holds(ranges: Ranges, codePoint: number): boolean {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (codePoint < (ranges[2 * middle] as number)) high = middle;
    else if (codePoint > (ranges[2 * middle + 1] as number)) low = middle + 1;
    else return true;
  }
  return false;
}
