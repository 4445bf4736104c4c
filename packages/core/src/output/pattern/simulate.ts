import { type CharacterSet, holds, wordCharacters } from "./character-set.ts";
import type { Program } from "./program.ts";
import type { Assertion } from "./syntax.ts";

/**
 * Whether the program matches anywhere in the text. Follows all threads at once, one character at
 * a time, and keeps each instruction at most once for each place: at most two steps for each pair
 * of instruction and place, whatever the pattern (Thompson, "Regular Expression Search Algorithm",
 * CACM 11(6), 1968; Cox, "Regular Expression Matching Can Be Simple And Fast", 2007).
 */
export function simulate(
  { instructions, start }: Program,
  text: string,
  ignoreCase: boolean,
): { matched: boolean; steps: number } {
  /** The place at which an instruction was reached last. */
  const reached = new Int32Array(instructions.length).fill(-1);
  const stack: number[] = [];
  let threads: number[] = [];
  let following: number[] = [];
  let steps = 0;
  let before: number | undefined;

  /** Adds the instruction, or those that it leads to without a character. True for a match. */
  function reach(index: number, place: number, after: number | undefined, into: number[]): boolean {
    stack.push(index);
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (reached[top] === place) continue;
      reached[top] = place;
      steps += 1;
      const instruction = instructions[top] as Program["instructions"][number];
      switch (instruction.type) {
        case "match":
          return true;
        case "set":
          into.push(top);
          break;
        case "split":
          stack.push(instruction.other, instruction.next);
          break;
        case "assertion":
          if (holdsBetween(instruction.assertion, before, after)) stack.push(instruction.next);
      }
    }
    return false;
  }

  for (let place = 0; ; ) {
    const current = text.codePointAt(place);
    if (reach(start, place, current, threads)) return { matched: true, steps };
    if (current === undefined) return { matched: false, steps };
    const forms = ignoreCase ? caseForms(current) : [current];
    const width = current > 0xffff ? 2 : 1;
    const after = text.codePointAt(place + width);
    before = current;
    for (const thread of threads) {
      steps += 1;
      const instruction = instructions[thread] as { set: CharacterSet; next: number };
      if (!accepts(instruction.set, forms)) continue;
      if (reach(instruction.next, place + width, after, following)) return { matched: true, steps };
    }
    place += width;
    [threads, following] = [following, threads];
    following.length = 0;
  }
}

function accepts({ ranges, negated }: CharacterSet, forms: readonly number[]): boolean {
  for (const form of forms) {
    if (holds(ranges, form)) return !negated;
  }
  return negated;
}

/** A character and its single-character case variants. */
function caseForms(codePoint: number): number[] {
  const character = String.fromCodePoint(codePoint);
  const forms = [codePoint];
  for (const variant of [character.toLowerCase(), character.toUpperCase()]) {
    const form = variant.codePointAt(0) as number;
    if (form !== codePoint && String.fromCodePoint(form) === variant) forms.push(form);
  }
  return forms;
}

function holdsBetween(
  assertion: Assertion,
  before: number | undefined,
  after: number | undefined,
): boolean {
  switch (assertion) {
    case "start":
      return before === undefined;
    case "end":
      return after === undefined;
    case "boundary":
      return isWord(before) !== isWord(after);
    case "not-boundary":
      return isWord(before) === isWord(after);
  }
}

function isWord(codePoint: number | undefined): boolean {
  return codePoint !== undefined && holds(wordCharacters, codePoint);
}
