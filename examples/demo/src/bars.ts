import { styleText } from "node:util";
import type { TaskView } from "./progress.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const labelWidth = 10;
/** Of the facts behind the bar; where they leave it no room, the amount is left out. */
const factsWidth = 30;
const amountWidth = 15;

/** A row for each task, as wide as the terminal lets it be. */
export function createBars(): (tasks: readonly TaskView[], columns: number) => string[] {
  const rates = new Map<string, Rate>();
  return (tasks, columns) =>
    tasks.map((task) => {
      const rate = rates.get(task.id) ?? { samples: [] };
      rates.set(task.id, rate);
      return bar(task, columns, sample(rate, task));
    });
}

function bar(task: TaskView, columns: number, bytesPerSecond: number): string {
  const { name, status, startedAt, endedAt, completed = 0, total = 0 } = task;
  const elapsed = `${(((endedAt ?? performance.now()) - startedAt) / 1_000).toFixed(1)} s`;
  const label = name.padEnd(labelWidth).slice(0, labelWidth);
  if (status !== "queued" && status !== "running") {
    const [sign, color] =
      status === "completed" ? (["✔", "green"] as const) : (["✘", "red"] as const);
    return ` ${styleText(color, sign)} ${label} ${status} after ${elapsed}`;
  }
  const fraction = total > 0 ? Math.min(completed / total, 1) : 0;
  const room = columns - labelWidth - factsWidth - 6;
  const isNarrow = room < 8;
  const width = Math.max(4, Math.min(40, isNarrow ? room + amountWidth : room));
  const full = Math.round(fraction * width);
  const facts = [
    `${Math.floor(fraction * 100)} %`.padStart(5),
    ...(isNarrow ? [] : [amount(task, bytesPerSecond).padStart(amountWidth - 2)]),
    elapsed.padStart(7),
  ].join("  ");
  const sign = spinner[Math.floor(performance.now() / 80) % spinner.length] ?? "";
  const track = styleText("cyan", "█".repeat(full)) + styleText("dim", "░".repeat(width - full));
  return ` ${styleText("cyan", sign)} ${label} ${track} ${facts}`;
}

function amount({ name, completed, total }: TaskView, bytesPerSecond: number): string {
  if (completed === undefined || total === undefined) return "";
  if (name === "download") return `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`;
  return `${completed} of ${total}`;
}

interface Rate {
  samples: { readonly at: number; readonly completed: number }[];
}

const windowMs = 1_500;

/** Over the last moments, so that it is steady and still tells of a stall. */
function sample(rate: Rate, { completed = 0 }: TaskView): number {
  const at = performance.now();
  rate.samples = rate.samples.filter((one) => at - one.at < windowMs);
  // What an interrupted download begins with was not transferred now.
  if (completed > 0) rate.samples.push({ at, completed });
  const [first] = rate.samples;
  if (first === undefined || at - first.at < 100) return 0;
  return ((completed - first.completed) / (at - first.at)) * 1_000;
}
