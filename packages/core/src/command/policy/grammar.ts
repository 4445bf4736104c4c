import { checkCommandInput } from "../input.ts";
import { createFlags, type Flags } from "./flags.ts";
import type { IsInside } from "./kind.ts";
import { createPositionals, type Positionals } from "./positionals.ts";
import type { ArgumentGrammar } from "./rule.ts";
import { show, showCommand } from "./show.ts";
import { unknownKey } from "./unknown-key.ts";

/** Whether arguments are of a form, and which ones the program then gets. */
export type Match =
  | { readonly argumentList: readonly string[] }
  /** Why not, as the end of a sentence; `at` is how many arguments were understood before. */
  | { readonly why: string; readonly at: number };

export interface Grammar {
  /** How the arguments may look, as a person would type them. */
  readonly form: string;
  match(argumentList: readonly string[], isInside: IsInside): Match;
}

const fields = ["prefix", "flags", "bundling", "order", "separator", "positionals", "insert"];

/** Gives what is wrong, as the end of a sentence, when the grammar makes no sense. */
export function createGrammar(grammar: ArgumentGrammar): Grammar | string {
  const extra = unknownKey(grammar, fields);
  if (extra !== undefined) return `has an unknown field ${show(extra)} in its grammar`;
  const { flags: given = {}, bundling = false, order = "first", insert = {} } = grammar;
  const { separator = order !== "last" } = grammar;
  if (!["first", "last", "anywhere"].includes(order)) return "has an order that there is not";
  if (typeof bundling !== "boolean" || typeof separator !== "boolean") {
    return "needs true or false for bundling and separator";
  }
  if (separator && order === "last") return 'cannot have a separator with order "last"';
  if (typeof given !== "object" || given === null) return "needs an object of flags";
  const flags = createFlags(given, bundling);
  if (typeof flags === "string") return flags;
  const positionals = createPositionals(grammar.positionals);
  if (typeof positionals === "string") return positionals;
  const prefix = copyTexts(grammar.prefix ?? []);
  if (typeof insert !== "object" || unknownKey(insert, ["before", "after"]) !== undefined) {
    return "needs insert: { before, after }";
  }
  const before = copyTexts(insert.before ?? []);
  const after = copyTexts(insert.after ?? []);
  if (prefix === undefined || before === undefined || after === undefined) {
    return "needs lists of texts, which a program can be given, as prefix and insert";
  }
  const parts: Parts = { flags, positionals, order, separator };
  const form = [
    showCommand(prefix),
    flags.form,
    separator && positionals.form !== "" ? "[--]" : "",
    positionals.form,
  ];
  return {
    form: form.filter((part) => part !== "").join(" "),
    match(argumentList, isInside) {
      const wrong = prefix.findIndex((text, index) => argumentList[index] !== text);
      if (wrong >= 0) return { why: `it must begin with ${showCommand(prefix)}`, at: wrong };
      const rest = argumentList.slice(prefix.length);
      const refused = refuse(rest, parts, isInside);
      if (refused !== undefined) return { why: refused.why, at: prefix.length + refused.at };
      return { argumentList: [...before, ...prefix, ...after, ...rest] };
    },
  };
}

interface Parts {
  readonly flags: Flags;
  readonly positionals: Positionals;
  readonly order: "first" | "last" | "anywhere";
  readonly separator: boolean;
}

function refuse(
  rest: readonly string[],
  { flags, positionals, order, separator }: Parts,
  isInside: IsInside,
): { readonly why: string; readonly at: number } | undefined {
  let count = 0;
  let flagSeen = false;
  let ended = false;
  for (let at = 0; at < rest.length; ) {
    const argument = rest[at] as string;
    if (!ended && argument.startsWith("-") && argument !== "-") {
      if (order === "first" && count > 0) {
        return { at, why: `${show(argument)} has to come before the arguments that are not flags` };
      }
      if (argument === "--" && separator) {
        ended = true;
        at += 1;
        continue;
      }
      const flag = flags.match(argument, rest[at + 1], isInside);
      if ("why" in flag) return { at, why: flag.why };
      flagSeen = true;
      at += flag.taken;
      continue;
    }
    if (order === "last" && flagSeen) {
      return { at, why: `${show(argument)} has to come before the flags` };
    }
    const why = positionals.refuse(argument, count, isInside);
    if (why !== undefined) return { at, why };
    count += 1;
    at += 1;
  }
  const why = positionals.refuseCount(count);
  return why === undefined ? undefined : { at: rest.length, why };
}

function copyTexts(texts: readonly string[]): readonly string[] | undefined {
  if (!Array.isArray(texts)) return undefined;
  const copy = [...texts];
  try {
    checkCommandInput({ argv: ["program", ...copy] });
    return copy;
  } catch {
    return undefined;
  }
}
