import { characterClasses } from "./character-classes.ts";
import { holds, wordCharacters } from "./character-set.ts";
import type { Instruction, Program } from "./program.ts";
import type { Assertion } from "./syntax.ts";

/** What stands before a place: nothing, a letter, digit or underscore, or something else. */
export type Before = "nothing" | "word" | "other";

/** The program's threads between two characters. */
export interface State {
  /** Instructions that were reached, those beyond an assertion not yet. */
  readonly targets: readonly number[];
  readonly before: Before;
  /** Where each class of characters leads to, as far as that was worked out. */
  readonly next: (State | typeof matched | undefined)[];
  /** Whether a match ends where the text does, once that was worked out. */
  ends: boolean | undefined;
}

/** In the place of a state: a match ends before the character. */
export const matched: unique symbol = Symbol("matched");

/** A deterministic automaton, worked out as it is needed. */
export interface Automaton {
  readonly initial: State;
  readonly classes: ReturnType<typeof characterClasses>;
  /** Works out where a class of characters leads to. */
  follow(state: State, characterClass: number): State | typeof matched;
  /** Whether a match ends at the end of the text. */
  endsMatch(state: State): boolean;
  /** Instructions looked at so far. */
  readonly steps: number;
  /** What is kept of what was worked out, roughly. */
  readonly bytes: number;
}

/** Beyond so many bytes, roughly, what was worked out is forgotten. */
const mostBytes = 1_000_000;

/**
 * All threads of the program are followed at once, one character at a time, each instruction at
 * most once for each place: so many steps at most for each pair of instruction and place, whatever
 * the pattern (Thompson, "Regular Expression Search Algorithm", CACM 11(6), 1968). The sets of
 * threads are kept as states, so that most characters cost one look-up (Cox, "Regular Expression
 * Matching Can Be Simple And Fast", 2007).
 */
export function createAutomaton(program: Program): Automaton {
  const { instructions, start } = program;
  const classes = characterClasses(program);
  const tells = instructions.some(({ type }) => type === "assertion");
  const states = new Map<string, State>();
  const seen = new Uint8Array(instructions.length);
  const reached = new Uint8Array(instructions.length);
  const stack: number[] = [];
  let bytes = 0;
  let steps = 0;

  /** Goes on to the instructions that take a character; undefined when there is a match. */
  function closure(state: State, after: number | undefined): number[] | undefined {
    const takers: number[] = [];
    seen.fill(0);
    stack.length = 0;
    stack.push(start, ...state.targets);
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (seen[top] === 1) continue;
      seen[top] = 1;
      steps += 1;
      const instruction = instructions[top] as Instruction;
      switch (instruction.type) {
        case "match":
          return undefined;
        case "set":
          takers.push(top);
          break;
        case "split":
          stack.push(instruction.other, instruction.next);
          break;
        case "assertion":
          if (isTrue(instruction.assertion, state.before, after)) stack.push(instruction.next);
      }
    }
    return takers;
  }

  function intern(targets: readonly number[], before: Before): State {
    const key = `${before} ${targets.join(" ")}`;
    let state = states.get(key);
    if (state === undefined) {
      state = { targets, before, next: [], ends: undefined };
      if (bytes > mostBytes) {
        states.clear();
        bytes = 0;
      }
      bytes += 2 * key.length + 8 * (targets.length + classes.examples.length);
      states.set(key, state);
    }
    return state;
  }

  function follow(state: State, characterClass: number): State | typeof matched {
    const character = classes.examples[characterClass] as number;
    const takers = closure(state, character);
    if (takers === undefined) return matched;
    reached.fill(0);
    for (const taker of takers) {
      const { set, next } = instructions[taker] as Extract<Instruction, { type: "set" }>;
      if (holds(set.ranges, character) !== set.negated) reached[next] = 1;
    }
    steps += takers.length;
    const targets: number[] = [];
    for (let index = 0; index < reached.length; index += 1) {
      if (reached[index] === 1) targets.push(index);
    }
    return intern(targets, tells ? kindOf(character) : "nothing");
  }

  return {
    classes,
    initial: intern([], "nothing"),
    follow(state, characterClass) {
      const known = bytes;
      const next = follow(state, characterClass);
      // Otherwise what was forgotten would live on in the states that lead to it.
      if (bytes >= known || known === 0) state.next[characterClass] = next;
      return next;
    },
    endsMatch(state) {
      state.ends ??= closure(state, undefined) === undefined;
      return state.ends;
    },
    get steps() {
      return steps;
    },
    get bytes() {
      return bytes;
    },
  };
}

function kindOf(codePoint: number): Before {
  return holds(wordCharacters, codePoint) ? "word" : "other";
}

function isTrue(assertion: Assertion, before: Before, after: number | undefined): boolean {
  switch (assertion) {
    case "start":
      return before === "nothing";
    case "end":
      return after === undefined;
    case "boundary":
      return isBoundary(before, after);
    case "not-boundary":
      return !isBoundary(before, after);
  }
}

function isBoundary(before: Before, after: number | undefined): boolean {
  return (before === "word") !== (after !== undefined && kindOf(after) === "word");
}
