import { styleText } from "node:util";
import type { Recording, Span } from "./recording.ts";

/** What was measured, side by side. */
export function comparison(together: Recording, inSequence: Recording): string[] {
  const factor = lengthOf(inSequence) / lengthOf(together);
  const row = (label: string, one: string, other: string): string =>
    ` ${label.padEnd(24)}${one.padStart(12)}${other.padStart(16)}`;
  return [
    styleText("dim", row("measured", "in background", "in sequence")),
    row("everything done", seconds(together), seconds(inSequence)),
    // The first line asks for the work itself.
    ...together.answers.slice(1).map((answer, index) => {
      const other = inSequence.answers[index + 1];
      return row(`answer to question ${index + 1}`, seconds(answer), seconds(other));
    }),
    styleText(
      "bold",
      ` ${factor.toFixed(1)} times as fast, and the user never waited for the work.`,
    ),
  ];
}

function lengthOf({ start, end }: Span): number {
  return end - start;
}

function seconds(span: Span | undefined): string {
  return span === undefined ? "never" : `${(lengthOf(span) / 1_000).toFixed(1)} s`;
}
