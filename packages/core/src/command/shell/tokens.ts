import { removeInvisible } from "../../render/invisible-characters.ts";
import type { Operator } from "./words-line.ts";

/** `spelling` is how the word is written, its quotes included. `refused` ends the tokens. */
export type Token =
  | { readonly kind: "word"; readonly word: string; readonly spelling: string }
  | { readonly kind: "operator"; readonly operator: Operator }
  | { readonly kind: "refused"; readonly why: string };

/** Cuts a line into words and operators, up to the first thing that is neither. */
export function* tokens(text: string): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    if (text[at] === " ") {
      at += 1;
      continue;
    }
    const run = operatorsAt(text, at);
    const token = run === "" ? wordAt(text, at) : toOperator(run);
    yield token;
    if (token.kind === "refused") return;
    at += token.kind === "word" ? token.spelling.length : run.length;
  }
}

/** Taken together, since `;;`, `|&` and `&|` are operators of their own. */
function operatorsAt(text: string, at: number): string {
  return matchAt(/[;&|]+/y, text, at)?.[0] ?? "";
}

function toOperator(run: string): Token {
  if (run === "&&" || run === "||" || run === ";" || run === "|") {
    return { kind: "operator", operator: run };
  }
  return { kind: "refused", why: run === "&" ? "background" : "op" };
}

function wordAt(text: string, start: number): Token {
  let word = "";
  let at = start;
  while (at < text.length && !/[ ;&|]/.test(text[at] as string)) {
    const part = partAt(text, at);
    if ("why" in part) return { kind: "refused", why: part.why };
    word += part.text;
    at += part.length;
  }
  return { kind: "word", word, spelling: text.slice(start, at) };
}

type Part = { readonly text: string; readonly length: number } | { readonly why: string };

function partAt(text: string, at: number): Part {
  if (text[at] === "'") return singleQuotedAt(text, at);
  if (text[at] === '"') return doubleQuotedAt(text, at);
  const plain = matchAt(/[A-Za-z0-9%+,\-./:=@_]+/y, text, at)?.[0];
  if (plain === undefined) return { why: `char ${codePointAt(text, at)}` };
  // zsh replaces `=name` by a path: where a word begins, after quotes, and as an option says after
  // another `=` or a colon.
  if (/(^|[=:])=/.test(plain)) return { why: "zsh-equals" };
  return { text: plain, length: plain.length };
}

function singleQuotedAt(text: string, at: number): Part {
  const inside = matchAt(/'([^']*)'/y, text, at)?.[1];
  if (inside === undefined) return { why: "unterminated" };
  // With zsh's RC_QUOTES, '' between single quotes is one quote.
  if (text[at + inside.length + 2] === "'") return { why: "adjacent-quotes" };
  return quoted(inside);
}

function doubleQuotedAt(text: string, at: number): Part {
  const inside = matchAt(/"([^"$`\\!]*)"/y, text, at)?.[1];
  if (inside !== undefined) return quoted(inside);
  return { why: /^"[^"]*[$`\\!]/.test(text.slice(at)) ? "expansion-in-dquotes" : "unterminated" };
}

function quoted(inside: string): Part {
  const unreadable = removeInvisible(inside).invisible > 0 || noAppearance.test(inside);
  if (unreadable) return { why: "invisible/control characters" };
  return { text: inside, length: inside.length + 2 };
}

/** Control characters, halves of surrogate pairs, private and unassigned ones, line separators. */
const noAppearance = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

function codePointAt(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  return `U+${code.toString(16).padStart(4, "0")}`;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
