import type { Place } from "./place.ts";
import type { Program } from "./program.ts";
import { show, showShort } from "./show.ts";

/** What the rules say to a command: whose `argv` begins with the program's own name. */
export type Judged =
  | { readonly decision: "allow"; readonly executable: string; readonly argv: readonly string[] }
  | {
      readonly decision: "ask";
      readonly executable: string;
      readonly argv: readonly string[];
      readonly reason: string;
    }
  | { readonly decision: "deny"; readonly reason: string };

/** Judges one program with its arguments. */
export function judge(
  argv: readonly string[],
  programs: ReadonlyMap<string, Program>,
  place: Place,
): Judged {
  const [name = "", ...rest] = argv;
  const program = programs.get(name);
  if (program === undefined) return refuseProgram(name, programs);
  const judgement = program.judge(rest, place.root, place.isInside);
  if (judgement.decision === "deny") {
    if ("reason" in judgement) return judgement;
    const reason = `${showShort(argv)} is not allowed: ${judgement.why}. ${listForms(program.forms)}`;
    return { decision: "deny", reason };
  }
  const { decision, executable, argumentList } = judgement;
  const granted = { executable, argv: [name, ...argumentList] };
  if (decision === "allow") return { decision, ...granted };
  return { decision, ...granted, reason: `${showShort(argv)} needs a yes before it runs.` };
}

/** Why a program that has no rule does not run. */
export function refuseProgram(
  name: string,
  programs: ReadonlyMap<string, Program>,
): Judged & { readonly decision: "deny" } {
  const forms = [...programs.values()].flatMap((program) => program.forms);
  return { decision: "deny", reason: `${show(name)} is not allowed. ${listForms(forms)}` };
}

/** A model reads this; what is longer helps it less. */
const mostCharacters = 1_000;

function listForms(forms: readonly string[]): string {
  if (forms.length === 0) return "No command is allowed here.";
  const shown: string[] = [];
  let characters = 0;
  for (const form of forms) {
    characters += form.length;
    if (shown.length > 0 && characters > mostCharacters) break;
    shown.push(form.length <= mostCharacters ? form : `${form.slice(0, mostCharacters)}...`);
  }
  const left = forms.length - shown.length;
  return `Allowed: ${shown.join("; ")}${left > 0 ? `; and ${left} more` : ""}.`;
}
