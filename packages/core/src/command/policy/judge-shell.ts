import { parseWords } from "../shell/parse-words.ts";
import { quoteLine } from "../shell/quote.ts";
import { type Judged, judge } from "./judge.ts";
import type { Location } from "./locate-program.ts";
import type { Place } from "./place.ts";
import type { Program } from "./program.ts";

/** What becomes of a line for a shell. */
export type ShellMode = "off" | "ask" | "words";

/**
 * Judges a line for a shell. What runs unasked are literal words only, every command of which is
 * allowed by itself, in a spelling of our own: what was checked is what is executed.
 */
export function judgeShell(
  text: string,
  mode: ShellMode,
  programs: ReadonlyMap<string, Program>,
  place: Place,
  locateShell: (root: string) => Location,
): Judged {
  if (mode === "off") {
    return {
      decision: "deny",
      reason:
        "Shell lines are not allowed here. Give the program and its arguments as argv, one item each.",
    };
  }
  const shell = locateShell(place.root);
  if (!shell.found) return { decision: "deny", reason: shell.reason };
  const run = (line: string) => ({ executable: shell.path, argv: ["sh", "-c", line] });
  if (mode === "ask") {
    return { decision: "ask", ...run(text), reason: "A shell line needs a yes before it runs." };
  }
  const parsed = parseWords(text);
  if (!parsed.ok) {
    const reason = `The shell line is not plain words: ${parsed.why}. It needs a yes before it runs.`;
    return { decision: "ask", ...run(text), reason };
  }
  const commands: (readonly string[])[] = [];
  let asked: string | undefined;
  for (const command of parsed.line.commands) {
    const judged = judge(command, programs, place);
    if (judged.decision === "deny") return judged;
    if (judged.decision === "ask") asked ??= judged.reason;
    commands.push([judged.executable, ...judged.argv.slice(1)]);
  }
  const line = run(quoteLine({ commands, operators: parsed.line.operators }));
  if (asked === undefined) return { decision: "allow", ...line };
  return { decision: "ask", ...line, reason: asked };
}
