import { pick } from "../../support/seeded.ts";

type Random = () => number;

/** Program names that exist where lines are compared; those in quotes or unknown are refused. */
const names = [
  ...["echo", "test", "printf", "kill", "pwd", "true", "ls", "cat", "git", "a", "b", "A", "_x"],
  ...["ls1", "x", "WRONG", "then1", "IF", "zed", "sed"],
];
/** Names that no function of every shell can have. Few: each costs a shell a process. */
const programNames = ["g++", "a.b", "x-y", "7z", "./here", "2", "a.txt"];
const noNames = [
  ...["if", "time", "cd", "type", "-", "%1", "a=b", "'ls'", "l's'", "a:b", "..", "~", '"a"'],
];
/** Unquoted pieces, most of them literal and many of them only nearly. */
const plain = [
  ...["a", "b", "x", "1", "-", "=", ":", ".", "/", ",", "+", "%", "@", "_", "ab", "ls", "A"],
  ...["-la", "--", "--x=", "a=", "=b", "-n", "if", "then", "done", "2", "10", "..", "file://"],
  ...["%1", "a:b", "a,b", "@a", "+x", "u@h:p", "-e", "in", "a/b", "./a", "echo"],
];
const dangerous = [
  ..."$`\\\"'!*?[]{}()<>#~^;&|\n\t\r =\u00a0\u0085\u2028\u202e\u200b\u0301é；ѕ\u{1f600}\x7f\x01",
  ...["$(a)", "$\u007ba}", "$a", "$'a'", '$"a"', "\\\n", "~root", "=ls", "{a,b}", "[a]*"],
  ...["<(a)", ">x", "2>&1", ">&", "<<a", "|&", "&>", ";;", "()", "a()", "((", "[[", "@(a)", "*(a)"],
  ...["<1-5>", "a~b", "^a", "(a)", "~+", "#a", "==ls", ":=ls", "&!", "&|", "\r\n", "\u{e0041}"],
];
const readable = dangerous.filter((text) => !/['\p{C}\p{Z}\p{M}]/u.test(text));
const inSingle = [...plain, ...readable, " ", "  ", '"', ";", "; a"];
const inDouble = [
  ...plain,
  ...[" ", "'", ";", " | a", "#", "*", "~", "=", "{a,b}", "é", "()", "<", "&"],
];
/** Few pipes: each costs a shell two processes. */
const operators = [
  ...["|", " | "],
  ...[";", ";", ";", " ;", "; ", " ; ", "&&", "&&", "&&", " && ", "&& ", " &&", " && "],
  ...["||", "||", "||", " || ", "|| ", " ||", " || "],
];

/** A line of the grammar, or nearly: about every fifth has something wrong somewhere. */
export function grammarLine(random: Random): string {
  const commands = Array.from({ length: count(random, 4) + 1 }, () => command(random));
  const line = commands
    .map((each, index) => (index === 0 ? each : `${pick(random, operators)}${each}`))
    .join("");
  return random() < 0.2 ? insert(random, line, pick(random, dangerous)) : line;
}

/** A text with some of its characters removed, doubled, moved, exchanged or added. */
export function mutated(random: Random, line: string): string {
  let text = line;
  for (let left = 1 + count(random, 3); left > 0; left -= 1) text = mutate(random, text);
  return text;
}

/** Any characters but NUL, of all planes. */
export function anyText(random: Random, longest: number): string {
  const length = Math.floor(random() ** 2 * longest);
  return Array.from({ length }, () => anyCharacter(random)).join("");
}

function command(random: Random): string {
  const kind = random();
  const name = pick(random, kind < 0.94 ? names : kind < 0.96 ? programNames : noNames);
  const words = Array.from({ length: count(random, 5) }, () => word(random));
  return [name, ...words].join(random() < 0.1 ? "  " : " ");
}

function word(random: Random): string {
  const parts = Array.from({ length: 1 + count(random, 4) }, () => part(random));
  // Mostly as the grammar wants it: no two single-quoted parts side by side, no `=` but after a name.
  const seldom = random() < 0.1;
  return parts.reduce((all, each) =>
    seldom || !/''|^=|[^a-z]=/.test(all + each) ? all + each : all,
  );
}

function part(random: Random): string {
  const kind = random();
  if (kind < 0.6) return pick(random, plain);
  if (kind < 0.8) return `'${pieces(random, inSingle)}'`;
  return `"${pieces(random, inDouble)}"`;
}

function pieces(random: Random, from: readonly string[]): string {
  return Array.from({ length: count(random, 4) }, () => pick(random, from)).join("");
}

function mutate(random: Random, text: string): string {
  const from = count(random, text.length + 1);
  const to = Math.min(text.length, from + 1 + count(random, 6));
  const kind = random();
  if (kind < 0.25) return text.slice(0, from) + text.slice(from + 1);
  if (kind < 0.5) return insert(random, text, pick(random, [...dangerous, ...plain, ...operators]));
  if (kind < 0.65) return insert(random, text, text.slice(from, to));
  if (kind < 0.75)
    return insert(random, text.slice(0, from) + text.slice(to), text.slice(from, to));
  if (kind < 0.9) return text.slice(0, from) + anyAscii(random) + text.slice(from + 1);
  return insert(random, text, anyCharacter(random));
}

function insert(random: Random, text: string, added: string): string {
  const at = count(random, text.length + 1);
  return text.slice(0, at) + added + text.slice(at);
}

function anyCharacter(random: Random): string {
  const kind = random();
  if (kind < 0.4) return anyAscii(random);
  if (kind < 0.6) return pick(random, ["'", '"', "''", "\\", "\n", "\r", "!", "$", "`", " "]);
  if (kind < 0.7) return String.fromCodePoint(0x80 + count(random, 0x780));
  if (kind < 0.85) return String.fromCodePoint(0x800 + count(random, 0xd000));
  return String.fromCodePoint(0xe000 + count(random, 0x10ffff - 0xe000 + 1));
}

function anyAscii(random: Random): string {
  return String.fromCodePoint(1 + count(random, 127));
}

function count(random: Random, below: number): number {
  return Math.floor(random() * below);
}
