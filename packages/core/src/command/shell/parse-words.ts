import { keptNames } from "./kept-names.ts";
import { tokens } from "./tokens.ts";
import type { Operator, WordsLine } from "./words-line.ts";

/** A line of plain words, or in a few words why it is none. */
export type WordsResult =
  | { readonly ok: true; readonly line: WordsLine }
  | { readonly ok: false; readonly why: string };

/** UTF-16 units of the longest line that is read. */
const longestLine = 10_000;
const mostCommands = 20;

/**
 * Reads a shell line that means the same in every POSIX-like shell (bash, dash, zsh, busybox and
 * the ksh family with their default options), whatever its variables, files and locale are:
 * commands of literal words between `;`, `&&`, `||` and `|`. A word is made of ASCII letters,
 * digits and `% + , - . / : = @ _`, of text in single quotes, and of text in double quotes without
 * `$`, backtick, backslash and `!`. Everything else is refused and nothing is guessed.
 *
 * A program's name is never quoted and never a word that shells keep to themselves (`if`, `cd`).
 * Of a name that is both a builtin and a program (`echo`, `test`, `kill`), the program is meant:
 * replace names by absolute paths before `quoteLine`, and no builtin, function or alias runs.
 */
export function parseWords(text: string): WordsResult {
  if (text.length > longestLine) return refuse("too-long");
  const commands: string[][] = [];
  const operators: Operator[] = [];
  let command: string[] = [];
  for (const token of tokens(text)) {
    if (token.kind === "refused") return refuse(token.why);
    if (token.kind === "operator") {
      if (command.length === 0) return refuse("op");
      operators.push(token.operator);
      commands.push(command);
      command = [];
      continue;
    }
    if (command.length === 0) {
      const why = whyNoName(token.spelling);
      if (why !== undefined) return refuse(why);
      if (commands.length === mostCommands) return refuse("too-many-commands");
    }
    command.push(token.word);
  }
  if (command.length === 0) return refuse(commands.length === 0 ? "empty" : "op");
  commands.push(command);
  return { ok: true, line: { commands, operators } };
}

function whyNoName(spelling: string): string | undefined {
  if (/^[^'"]*=/.test(spelling)) return "assignment-prefix";
  if (keptNames.has(spelling)) return "reserved-word";
  // A leading `-` or `%` means something to zsh and to job control; dots alone are a folder.
  if (!/^(?!\.+$)[A-Za-z0-9_./][A-Za-z0-9_./+-]*$/.test(spelling)) return "command-name";
  return undefined;
}

function refuse(why: string): WordsResult {
  return { ok: false, why };
}
