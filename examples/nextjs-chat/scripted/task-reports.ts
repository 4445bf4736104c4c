import type { Heard } from "./heard.ts";

type Notification = Extract<Heard, { from: "task" }>;

/** What the user is told about a task. */
export function report(task: Notification): string {
  const { kind, name, title, text } = task;
  if (kind === "message") {
    return /Waits for approval/.test(text)
      ? `“${title}” may only run if you allow it. Look at its card.`
      : text.trim();
  }
  if (kind === "cancelled") return `“${title}” was cancelled.`;
  if (kind !== "completed") return `“${title}” failed. ${reason(text)}`;
  if (name === "download") return `“${title}” is done: ${megabytes(text)}.`;
  if (name === "research") return `The research on ${title} is done. ${lines(text).join(" ")}`;
  const last = lines(text).at(-1);
  return `“${title}” has ended well.${last === undefined ? "" : ` Its last line: ${last}`}`;
}

function megabytes(text: string): string {
  const bytes = Number(/"bytes":(\d+)/.exec(text)?.[1] ?? 0);
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function reason(text: string): string {
  return /^(?:Error|Why|error).*$/m.exec(text)?.[0] ?? lines(text)[0] ?? "";
}

/** What the task printed or gave, without the tags around it. */
function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(
      (line) => line !== "" && !/^<\/?task-|^(Result|Last output|Output):$|^\{"exit/.test(line),
    );
}
