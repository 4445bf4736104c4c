import { MeanwhileError } from "../../errors.ts";

/** Reads a pattern from left to right, by code points. */
export interface Scanner {
  /** The character that comes next; "" at the end. */
  peek(): string;
  /** The same, and goes past it. */
  next(): string;
  /** Goes past the text if it comes next. */
  take(text: string): boolean;
  /** Goes past what the sticky pattern matches, and returns it; "" for nothing. */
  takeMatch(pattern: RegExp): string;
  /** The error for a pattern that cannot be used: "The pattern … <problem>". */
  refuse(problem: string): MeanwhileError;
}

export function scan(source: string): Scanner {
  let at = 0;
  const peek = (): string => {
    const code = source.codePointAt(at);
    return code === undefined ? "" : String.fromCodePoint(code);
  };
  const takeMatch = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0] ?? "";
    at += found.length;
    return found;
  };
  return {
    peek,
    next() {
      const character = peek();
      at += character.length;
      return character;
    },
    take(text) {
      if (!source.startsWith(text, at)) return false;
      at += text.length;
      return true;
    },
    takeMatch,
    refuse: (problem) => refusal(source, problem),
  };
}

/** Says what is wrong with a pattern, and what can be used instead. */
export function refusal(source: string, problem: string): MeanwhileError {
  const shown = source.length > 100 ? `${source.slice(0, 100)}…` : source;
  return new MeanwhileError(
    "INVALID_INPUT",
    `The pattern ${JSON.stringify(shown)} ${problem}. Supported are literals, ., [classes], ` +
      "\\d \\w \\s \\b and their negations, ^, $, groups, |, *, +, ? and {m,n}.",
  );
}
