import { MeanwhileError } from "../../errors.ts";
import type { WordsLine } from "./words-line.ts";

/**
 * The one spelling of a line: every word in quotes, one blank around each operator. With programs
 * as absolute paths a fresh shell takes none of them for a builtin, reserved word, alias or
 * function, and runs exactly these argument lists, whatever its options, variables and locale are.
 *
 * Throws `INVALID_INPUT` for a NUL character.
 */
export function quoteLine(line: WordsLine): string {
  return line.commands
    .map((command) => command.map(quoteWord).join(" "))
    .map((command, index) => (index === 0 ? command : `${line.operators[index - 1]} ${command}`))
    .join(" ");
}

/**
 * A word as every POSIX-like shell reads it back, whatever is in it. Only zsh with CSH_JUNKIE_QUOTES
 * cannot read a newline, which no word of `parseWords` has.
 *
 * Throws `INVALID_INPUT` for a NUL character.
 */
export function quoteWord(word: string): string {
  if (word.includes("\0")) {
    throw new MeanwhileError(
      "INVALID_INPUT",
      "A word for a shell contains a NUL character. Leave it out.",
    );
  }
  if (word === "") return "''";
  // Two single quotes never meet: with zsh's RC_QUOTES they would be one quote.
  return word.replace(/'+|[^']+/g, (part) => (part.startsWith("'") ? `"${part}"` : `'${part}'`));
}
