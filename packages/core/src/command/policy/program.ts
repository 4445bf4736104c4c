import { basename } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import { type CompiledRule, compileRule } from "./compile-rule.ts";
import type { IsInside } from "./kind.ts";
import { createLocator } from "./locate-program.ts";
import { runsOtherPrograms } from "./powerful-programs.ts";
import type { CommandRule } from "./rule.ts";
import { whyNoProgram } from "./windows.ts";

/** A program that a policy allows. */
export interface Program {
  /** What may be asked for, as a person would type it. */
  readonly forms: readonly string[];
  /** Where it is, and with which arguments it would run. */
  judge(argumentList: readonly string[], root: string, isInside: IsInside): Judgement;
}

export type Judgement =
  | {
      readonly decision: "allow" | "ask";
      readonly executable: string;
      /** The arguments asked for, with those that the rule puts in. */
      readonly argumentList: readonly string[];
    }
  /** A whole sentence for `reason`, or the end of one for `why`. */
  | { readonly decision: "deny"; readonly reason: string }
  | { readonly decision: "deny"; readonly why: string };

/** Bare ASCII: no path, no look-alike letters, nothing that looks like a flag. */
const bareName = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

/** Throws `INVALID_OPTION`. */
export function createProgram(
  name: string,
  rules: CommandRule | readonly CommandRule[],
  searchPath: readonly string[],
  platform: NodeJS.Platform = process.platform,
): Program {
  if (!bareName.test(name)) {
    throw invalid(name, "is not a bare program name: ASCII letters, digits, _ . + - only, no path");
  }
  const never = whyNoProgram(name, platform);
  if (never !== undefined) throw invalid(name, never);
  const list: readonly CommandRule[] = Array.isArray(rules) ? rules : [rules];
  const compiled = list.map((rule) => {
    const result = compileRule(name, rule);
    if (typeof result === "string") throw invalid(name, result);
    return result;
  });
  // What needs nobody's yes is looked for first.
  const inOrder = [
    ...compiled.filter(({ decision }) => decision === "allow"),
    ...compiled.filter(({ decision }) => decision === "ask"),
  ];
  const locate = createLocator(name, searchPath, platform);
  return {
    forms: inOrder.flatMap(({ forms }) => forms),

    judge(argumentList, root, isInside) {
      const matched = firstMatch(inOrder, argumentList, isInside);
      if ("why" in matched) return { decision: "deny", why: matched.why };
      const location = locate(root);
      if (!location.found) return { decision: "deny", reason: location.reason };
      const target = basename(location.target);
      if (matched.rule.trusts && runsOtherPrograms(target)) {
        const reason = `${name} is ${target}, which may not be given any arguments at will.`;
        return { decision: "deny", reason };
      }
      return {
        decision: matched.rule.decision,
        executable: location.path,
        argumentList: matched.argumentList,
      };
    },
  };
}

/** Or why the rule that understood the most arguments did not match. */
function firstMatch(
  rules: readonly CompiledRule[],
  argumentList: readonly string[],
  isInside: IsInside,
):
  | { readonly rule: CompiledRule; readonly argumentList: readonly string[] }
  | { readonly why: string } {
  let best = { why: "no rule allows it", at: -1 };
  for (const rule of rules) {
    const match = rule.match(argumentList, isInside);
    if ("argumentList" in match) return { rule, argumentList: match.argumentList };
    if (match.at > best.at) best = match;
  }
  return best;
}

function invalid(name: string, why: string): MeanwhileError {
  const end = why.endsWith(".") ? "" : ".";
  return new MeanwhileError("INVALID_OPTION", `commands[${JSON.stringify(name)}] ${why}${end}`);
}
