import { type CharacterSet, type Ranges, wordCharacters } from "./character-set.ts";
import type { Program } from "./program.ts";

/** The characters of Unicode, sorted into classes that a program does not tell apart. */
export interface CharacterClasses {
  /** One code point of each class; the classes are numbered from 0. */
  readonly examples: readonly number[];
  /** The class of each ASCII character. */
  readonly ascii: Uint16Array;
  /** The class of any code point. */
  of(codePoint: number): number;
}

const asciiCharacters = 128;

/** Neighbours that stand in the same sets, and are alike for `\b`, are one class. */
export function characterClasses({ instructions }: Program): CharacterClasses {
  const starts = new Set<number>([0]);
  const split = (ranges: Ranges): void => {
    for (let at = 0; at < ranges.length; at += 2) {
      starts.add(ranges[at] as number);
      starts.add((ranges[at + 1] as number) + 1);
    }
  };
  const sets = new Set<CharacterSet>();
  for (const instruction of instructions) {
    if (instruction.type === "set") sets.add(instruction.set);
    else if (instruction.type === "assertion") split(wordCharacters);
  }
  for (const { ranges } of sets) split(ranges);
  const examples = [...starts].sort((left, right) => left - right);

  function of(codePoint: number): number {
    let low = 0;
    let high = examples.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (codePoint < (examples[middle] as number)) high = middle;
      else low = middle;
    }
    return low;
  }

  return {
    examples,
    of,
    ascii: Uint16Array.from({ length: asciiCharacters }, (_, code) => of(code)),
  };
}
