import { checkCommandInput } from "../input.ts";
import { createGrammar, type Match } from "./grammar.ts";
import type { IsInside } from "./kind.ts";
import { runsOtherPrograms } from "./powerful-programs.ts";
import type { ArgumentGrammar, CommandRule } from "./rule.ts";
import { show, showCommand } from "./show.ts";
import { unknownKey } from "./unknown-key.ts";

/** A `CommandRule` that was understood. */
export interface CompiledRule {
  readonly decision: "allow" | "ask";
  /** True when any arguments are allowed unasked: the program then must be harmless. */
  readonly trusts: boolean;
  /** What may be asked for, as a person would type it. */
  readonly forms: readonly string[];
  match(argumentList: readonly string[], isInside: IsInside): Match;
}

/** Gives what is wrong, as the end of a sentence, when the rule makes no sense. */
export function compileRule(name: string, rule: CommandRule): CompiledRule | string {
  if (typeof rule !== "object" || rule === null) return "needs a rule, or a list of rules";
  const extra = unknownKey(rule, ["decision", "arguments"]);
  if (extra !== undefined) return `has an unknown field ${show(extra)}`;
  const { decision = "allow", arguments: allowed } = rule;
  if (decision !== "allow" && decision !== "ask") return 'needs "allow" or "ask" as decision';
  const compiled = compileArguments(name, allowed, decision);
  if (typeof compiled === "string") return compiled;
  const forms = compiled.forms.map((form) => {
    const whole = form === "" ? name : `${name} ${form}`;
    return decision === "ask" ? `${whole} (asks first)` : whole;
  });
  return {
    decision,
    trusts: allowed === "any" && decision === "allow",
    forms,
    match: compiled.match,
  };
}

type Compiled = Pick<CompiledRule, "forms" | "match">;

function compileArguments(
  name: string,
  allowed: CommandRule["arguments"],
  decision: "allow" | "ask",
): Compiled | string {
  if (allowed === "any") {
    if (decision === "allow" && runsOtherPrograms(name)) {
      return 'may not have arguments: "any", since its arguments can run any program. List the exact argument lists, describe a grammar, or set decision: "ask"';
    }
    const match = (argumentList: readonly string[]): Match => ({ argumentList });
    return { forms: ["with any arguments"], match };
  }
  if (isGrammar(allowed)) {
    const grammar = createGrammar(allowed);
    return typeof grammar === "string" ? grammar : { forms: [grammar.form], match: grammar.match };
  }
  if (!Array.isArray(allowed) || !allowed.every((list) => Array.isArray(list))) {
    return 'needs arguments: a list of argument lists, a grammar, or "any"';
  }
  const lists = allowed.map((list) => Object.freeze([...list]));
  try {
    for (const list of lists) checkCommandInput({ argv: [name, ...list] });
  } catch {
    return "lists arguments that no program can be given";
  }
  return {
    forms: lists.map(showCommand),
    match(argumentList: readonly string[]) {
      if (lists.some((list) => isSame(list, argumentList))) return { argumentList };
      return { why: "these are not exactly the arguments listed", at: 0 };
    },
  };
}

function isGrammar(allowed: CommandRule["arguments"]): allowed is ArgumentGrammar {
  return typeof allowed === "object" && allowed !== null && !Array.isArray(allowed);
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
