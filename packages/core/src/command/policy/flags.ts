import type { IsInside, Kind } from "./kind.ts";
import { createKind } from "./kind.ts";
import { show } from "./show.ts";

/** What was taken as a flag, or why it was not. */
export type FlagMatch =
  /** 2 when the value was the next argument. */
  { readonly taken: 1 | 2 } | { readonly why: string };

export interface Flags {
  /** How they may look: `[-l] [--depth NUMBER]`. */
  readonly form: string;
  /** Reads an argument that begins with `-`. */
  match(argument: string, next: string | undefined, isInside: IsInside): FlagMatch;
}

/** One or two dashes and something in visible ASCII. */
const spelling = /^--?[!-,.-~][!-~]*$/;

/** Gives what is wrong, as the end of a sentence, when the flags make no sense. */
export function createFlags(
  flags: Readonly<Record<string, unknown>>,
  bundling: boolean,
): Flags | string {
  const kinds = new Map<string, Kind | "none">();
  for (const [flag, value] of Object.entries(flags)) {
    if (!spelling.test(flag)) return `flags names ${show(flag)}, which is not a flag`;
    const kind = value === "none" ? "none" : createKind(value);
    if (kind === undefined) return `flags gives ${flag} a kind that there is not`;
    if (kind !== "none" && flag.includes("=")) return `flags gives ${flag} a second value`;
    kinds.set(flag, kind);
  }
  // Such a program takes -abc as one flag, so that a letter's value cannot be joined to it.
  const hasWords = [...kinds.keys()].some((flag) => /^-[^-]./.test(flag) && !/^-\d+$/.test(flag));
  if (hasWords && bundling) return "bundling does not go with a flag of one dash and many letters";
  return {
    form: [...kinds].map(([flag, kind]) => showFlag(flag, kind)).join(" "),
    match(argument, next, isInside) {
      const kind = kinds.get(argument);
      if (kind === "none") return { taken: 1 };
      if (kind !== undefined) return matchNext(argument, kind, next, isInside);
      if (argument.startsWith("--")) return matchJoined(kinds, argument, isInside);
      if (hasWords) return unknown(argument);
      return matchLetters(kinds, argument, bundling, isInside);
    },
  };
}

function matchNext(
  flag: string,
  kind: Kind,
  next: string | undefined,
  isInside: IsInside,
): FlagMatch {
  if (next === undefined) return { why: `${flag} needs a value` };
  const why = kind.refuse(next, isInside);
  if (why !== undefined) return { why: `${why}, as the value of ${flag}` };
  // Programs differ in whether that is the value or the next flag.
  if (next.startsWith("-") && next !== "-" && !kind.mayBeginWithDash) {
    const joined = flag.startsWith("--") ? `${flag}=${next}` : `${flag}${next}`;
    return {
      why: `${flag} is followed by ${show(next)}, which may be a flag: try ${show(joined)}`,
    };
  }
  return { taken: 2 };
}

function matchJoined(
  kinds: ReadonlyMap<string, Kind | "none">,
  argument: string,
  isInside: IsInside,
): FlagMatch {
  const end = argument.indexOf("=");
  const flag = end < 0 ? argument : argument.slice(0, end);
  const kind = kinds.get(flag);
  if (kind === undefined) return unknown(flag);
  if (kind === "none") return { why: `${flag} takes no value` };
  const why = kind.refuse(argument.slice(end + 1), isInside);
  return why === undefined ? { taken: 1 } : { why: `${why}, as the value of ${flag}` };
}

function matchLetters(
  kinds: ReadonlyMap<string, Kind | "none">,
  argument: string,
  bundling: boolean,
  isInside: IsInside,
): FlagMatch {
  const flag = argument.slice(0, 2);
  const kind = kinds.get(flag);
  if (kind === undefined) return unknown(argument.length > 2 ? argument : flag);
  if (kind !== "none") {
    const value = argument.slice(2);
    // Some programs take the = as part of the value, others do not.
    const why = value.startsWith("=")
      ? `${show(argument)} is ambiguous: leave out the =`
      : kind.refuse(value, isInside);
    return why === undefined ? { taken: 1 } : { why };
  }
  if (!bundling) return { why: `${show(argument)} is not a flag listed: give each flag by itself` };
  const other = [...argument.slice(1)].find((letter) => kinds.get(`-${letter}`) !== "none");
  if (other === undefined) return { taken: 1 };
  const problem = kinds.has(`-${other}`) ? "takes a value: give it by itself" : "is not allowed";
  return { why: `in ${show(argument)} the flag ${show(`-${other}`)} ${problem}` };
}

function unknown(flag: string): FlagMatch {
  return { why: `the flag ${show(flag)} is not allowed` };
}

function showFlag(flag: string, kind: Kind | "none"): string {
  return kind === "none" ? `[${flag}]` : `[${flag} ${kind.name}]`;
}
