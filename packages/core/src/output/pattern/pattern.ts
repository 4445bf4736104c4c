import { createAutomaton } from "./automaton.ts";
import { parsePattern } from "./parse.ts";
import { compileProgram } from "./program.ts";
import { refusal } from "./scanner.ts";
import { beginSearch, type Search } from "./search.ts";
import type { Syntax } from "./syntax.ts";

/** A compiled regular expression. */
export interface Pattern {
  readonly source: string;
  /** Looks for the pattern anywhere in the text, which `^` and `$` take as one line. */
  search(text: string): Search;
}

/** Longest pattern, in UTF-16 units. */
const longestSource = 1_000;

/**
 * Compiles a regular expression that a stranger may have written: the syntax and meaning of
 * ECMAScript's with the `u` flag, for what there is of it. A search takes time in proportion to the
 * text times the size of the pattern, whatever the pattern: there is no backtracking, and so
 * neither backreferences nor look-around. Its memory is bounded.
 *
 * @throws MeanwhileError `INVALID_INPUT`, saying what is wrong or not supported.
 */
export function compilePattern(source: string): Pattern {
  if (source.length > longestSource) {
    throw refusal(source, `is longer than ${longestSource} characters`);
  }
  const syntax = parsePattern(source);
  const literal = literalText(syntax);
  if (literal !== undefined) return { source, search: (text) => searchLiteral(literal, text) };
  const automaton = createAutomaton(compileProgram(syntax, source));
  return { source, search: (text) => beginSearch(automaton, text) };
}

/** The platform's search is so fast that it is done in one piece. */
function searchLiteral(literal: string, text: string): Search {
  return {
    steps: 20,
    run() {
      const at = text.indexOf(literal);
      return at === -1 ? -1 : at + literal.length;
    },
  };
}

/** The text that a pattern of plain characters looks for. */
function literalText(syntax: Syntax): string | undefined {
  let text = "";
  for (const part of syntax.type === "sequence" ? syntax.parts : [syntax]) {
    if (part.type !== "set" || part.set.negated || part.set.ranges.length !== 2) return undefined;
    const [from, to] = part.set.ranges;
    if (from !== to) return undefined;
    text += String.fromCodePoint(from as number);
  }
  return text;
}
