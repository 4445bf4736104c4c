import type { Goal, Line } from "./benchmark.ts";
import type { Results } from "./measure.ts";
import { format, rounded, type Unit } from "./unit.ts";

const head = ["measured", "meanwhile", "beside", "", "ratio", "goal", "met"];
const rightAligned = [false, true, false, true, true, true, false];

/** The rows of one benchmark as a table in Markdown. */
export function table(lines: readonly Line[], results: Results): string {
  const rows = [head, ...lines.map((line) => cells(line, results))];
  const widths = head.map((_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] as string).length)),
  );
  const rule = widths.map(
    (width, column) => "-".repeat(width - 1) + (rightAligned[column] ? ":" : "-"),
  );
  const [first, ...rest] = rows.map((row) =>
    row.map((cell, column) =>
      rightAligned[column]
        ? cell.padStart(widths[column] as number)
        : cell.padEnd(widths[column] as number),
    ),
  );
  return [first as string[], rule, ...rest].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function cells(line: Line, results: Results): string[] {
  const { ours, beside, goal, unit } = line;
  const mine = results.value(ours);
  const theirs = beside === undefined ? undefined : results.value(beside);
  const ratio = typeof mine === "number" && typeof theirs === "number" ? mine / theirs : undefined;
  const ofValue = beside === undefined || goal?.of === "value";
  const judged = ofValue ? mine : ratio;
  return [
    line.what,
    shown(mine, unit),
    beside?.name ?? "",
    beside === undefined ? "" : shown(theirs, unit),
    ratio === undefined ? "" : `${rounded(ratio)} ×`,
    goal === undefined ? "" : wanted(goal, ofValue ? unit : "×"),
    goal === undefined || typeof judged !== "number" ? "" : met(judged, goal) ? "yes" : "no",
  ];
}

function shown(value: number | string | undefined, unit: Unit): string {
  return typeof value === "number" ? format(value, unit) : (value ?? "");
}

function wanted(goal: Goal, unit: Unit | "×"): string {
  const [sign, value] = "atLeast" in goal ? ["≥", goal.atLeast] : ["≤", goal.atMost];
  return `${sign} ${unit === "×" ? `${rounded(value)} ×` : format(value, unit)}`;
}

function met(value: number, goal: Goal): boolean {
  return "atLeast" in goal ? value >= goal.atLeast : value <= goal.atMost;
}
