import { parsePattern } from "./parse.ts";
import { compileProgram } from "./program.ts";
import { refusal } from "./scanner.ts";
import { simulate } from "./simulate.ts";
import type { Syntax } from "./syntax.ts";

export interface PatternOptions {
  /** Takes capitals and small letters as the same. @default false */
  readonly ignoreCase?: boolean;
}

/** A compiled regular expression. */
export interface Pattern {
  readonly source: string;
  /** Whether the pattern matches anywhere in the text, which `^` and `$` take as one line. */
  test(text: string): boolean;
}

/** Longest pattern, in UTF-16 units. */
const longestSource = 1_000;

/**
 * Compiles a regular expression that a stranger may have written: the syntax and meaning of
 * ECMAScript's with the `u` flag, for what there is of it. A test takes time in proportion to the
 * text times the size of the pattern, whatever the pattern: there is no backtracking, and so
 * neither backreferences nor look-around.
 *
 * @throws MeanwhileError `INVALID_INPUT`, saying what is wrong or not supported.
 */
export function compilePattern(source: string, options: PatternOptions = {}): Pattern {
  const { ignoreCase = false } = options;
  if (source.length > longestSource) {
    throw refusal(source, `is longer than ${longestSource} characters`);
  }
  const syntax = parsePattern(source);
  const literal = ignoreCase ? undefined : literalText(syntax);
  if (literal !== undefined) return { source, test: (text) => text.includes(literal) };
  const program = compileProgram(syntax, source);
  return { source, test: (text) => simulate(program, text, ignoreCase).matched };
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
