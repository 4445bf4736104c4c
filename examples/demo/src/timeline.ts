import { styleText } from "node:util";
import type { Recording, Span } from "./recording.ts";

const labelWidth = 10;
const longestScale = 100;

/** Who was busy when, a row each, on a true scale of time. */
export function timeline(recording: Recording, columns: number): string[] {
  const width = Math.max(20, Math.min(longestScale, columns - labelWidth - 4));
  const { start, end, thinking, answers, tasks, told } = recording;
  const column = (time: number): number =>
    Math.min(width - 1, Math.max(0, Math.floor(((time - start) / (end - start)) * width)));

  function row(label: string, spans: readonly Span[], signs: string, marks: Marks = []): string {
    const cells = Array.from({ length: width }, () => " ");
    for (const span of spans) cells.fill(signs, column(span.start), column(span.end) + 1);
    for (const [time, mark] of marks) cells[column(time)] = mark;
    return ` ${label.padEnd(labelWidth)} ${cells.join("").trimEnd()}`;
  }

  const questions: Marks = answers.map(({ start: asked }) => [asked, "?"]);
  return [
    styleText("dim", axis(end - start, width)),
    ...(questions.length > 0 ? [row("user", [], "", questions)] : []),
    row("agent", thinking, "█"),
    ...tasks.map((task) => {
      const toldAt = told.get(task.id);
      const span = { start: task.startedAt, end: task.endedAt ?? end };
      return row(task.name, [span], "━", toldAt === undefined ? [] : [[toldAt, "◆"]]);
    }),
    styleText("dim", ` ${"".padEnd(labelWidth)} ? asks   █ thinks   ━ runs   ◆ is told`),
  ];
}

type Marks = readonly (readonly [time: number, mark: string])[];

/** A number at every few seconds, as many as have room. */
function axis(durationMs: number, width: number): string {
  const seconds = durationMs / 1_000;
  const step = [1, 2, 5, 10, 20, 60].find((each) => (each / seconds) * width >= 7) ?? 120;
  let text = "";
  for (let second = 0; second <= seconds; second += step) {
    const at = Math.floor((second / seconds) * width);
    if (at + 4 <= width) text = `${text.padEnd(at)}${second} s`;
  }
  return ` ${"".padEnd(labelWidth)} ${text}`;
}
