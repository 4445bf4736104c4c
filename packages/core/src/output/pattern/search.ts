import { type Automaton, matched } from "./automaton.ts";

/** A search of one text that can be done in pieces. */
export interface Search {
  /**
   * Goes on for about so many steps. Gives the index behind the first match, -1 when there is
   * none, and undefined when it has not come to an end.
   */
  run(steps: number): number | undefined;
  /** Taken so far, with a fraction. */
  readonly steps: number;
}

/** A character whose way is known is so much cheaper than a step. */
const charactersPerStep = 8;
/** What it costs to begin. */
const stepsToBegin = 40;

/** Looks for a match anywhere in the text: the one that ends first. */
export function beginSearch(automaton: Automaton, text: string): Search {
  const { ascii, of } = automaton.classes;
  let state = automaton.initial;
  let place = 0;
  /** Steps that were taken to work out where characters lead to. */
  let worked = stepsToBegin;

  function counted<Value>(work: () => Value): Value {
    const before = automaton.steps;
    const value = work();
    worked += automaton.steps - before;
    return value;
  }

  function run(most: number): number | undefined {
    const from = place;
    const before = worked;
    let until = from + most * charactersPerStep;
    while (place < text.length) {
      const code = text.charCodeAt(place);
      let width = 1;
      let characterClass = ascii[code];
      if (characterClass === undefined) {
        const codePoint = text.codePointAt(place) as number;
        if (codePoint > 0xffff) width = 2;
        characterClass = of(codePoint);
      }
      let next = state.next[characterClass];
      if (next === undefined) {
        const unknown = characterClass;
        next = counted(() => automaton.follow(state, unknown));
        until = from + (most - worked + before) * charactersPerStep;
      }
      if (next === matched) return place;
      state = next;
      place += width;
      if (place >= until) return undefined;
    }
    return counted(() => automaton.endsMatch(state)) ? place : -1;
  }

  return {
    run,
    get steps() {
      return worked + place / charactersPerStep;
    },
  };
}
