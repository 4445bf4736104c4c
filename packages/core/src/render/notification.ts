import type { NotificationKind, NotificationRecord, TaskRecord } from "../store/store.ts";
import { cutEnd } from "./cut.ts";
import { renderDuration } from "./duration.ts";
import { fence, fenceChars } from "./fence.ts";
import { renderLabel } from "./label.ts";
import { renderOutput } from "./render-output.ts";
import { elapsedMs, errorFacts } from "./task.ts";
import { renderValue } from "./value.ts";

export interface NotificationTextOptions {
  /** Most UTF-16 units of the text. @default 8000 */
  readonly maxChars?: number;
  /** Known secret values. @default [] */
  readonly redact?: readonly string[];
  /** Name of the tool that reads a task. @default "read_task" */
  readonly readTool?: string;
  /** Wall milliseconds since 1970, for how long a task has been going on. */
  readonly now: number;
}

/** Fewer characters than these are not worth a fence. */
const leastExcerpt = 40;

/**
 * One notification as a block. What the harness says stands in the attributes of its tag and comes
 * from the record alone; what the task says stands in a fence, cut to what room is left. Falls back
 * to the summary where there is no room for the block.
 */
export function renderNotification(
  notification: NotificationRecord,
  task: TaskRecord,
  options: NotificationTextOptions,
): string {
  const { maxChars = 8_000, readTool = "read_task", redact = [] } = options;
  const said = sections(notification, task, redact);
  const label = said.length === 1 ? (said[0] as Section).heading.toLowerCase() : "output";
  const start = `<task-notification ${attributes(notification, task, options)}`;
  const end = "\n</task-notification>";
  const more = isTerminal(notification.kind) ? ` cut="${readTool} has the whole"` : "";
  const room =
    maxChars - start.length - more.length - end.length - fenceChars(label) - ">\n".length;
  const { text, truncated } =
    room < leastExcerpt ? { text: "", truncated: said.length > 0 } : excerpt(said, room);
  const opening = truncated ? start + more : start;
  const block = text === "" ? `${opening}/>` : `${opening}>\n${fence(text, label)}${end}`;
  return block.length <= maxChars
    ? block
    : cutEnd(summariseNotification(notification, options), maxChars);
}

/** One line for a notification that has no room: `completed t_1 "Build": read it with read_task`. */
export function summariseNotification(
  notification: NotificationRecord,
  options: Pick<NotificationTextOptions, "redact" | "readTool">,
): string {
  const { redact = [], readTool = "read_task" } = options;
  const { kind, taskId, error, text } = notification;
  const why = error === null ? "" : ` (${errorFacts(error).join(", ")})`;
  const title = renderLabel(notification.title, { redact, maxChars: 60 });
  // A message is nowhere else to be read.
  const rest = isTerminal(kind)
    ? `read it with ${readTool}`
    : `the program says "${renderLabel(text ?? "", { redact, maxChars: 160 })}"`;
  return `${kind}${why} ${taskId} "${title}": ${rest}`;
}

function isTerminal(kind: NotificationKind): boolean {
  return kind === "completed" || kind === "failed" || kind === "cancelled";
}

function attributes(
  notification: NotificationRecord,
  task: TaskRecord,
  { redact = [], now }: NotificationTextOptions,
): string {
  const { kind, taskId, name, title, error } = notification;
  const elapsed = elapsedMs(task, now);
  const facts: [name: string, value: string | undefined][] = [
    ["id", taskId],
    ["kind", kind],
    ["name", renderLabel(name, { maxChars: 64 })],
    ["title", renderLabel(title, { redact })],
    ["attempt", task.attempt > 1 ? String(task.attempt) : undefined],
    ["error", error === null ? undefined : errorFacts(error).join(", ")],
    [
      isTerminal(kind) ? "took" : "running",
      elapsed === undefined ? undefined : renderDuration(elapsed),
    ],
  ];
  return facts
    .flatMap(([key, value]) => (value === undefined ? [] : `${key}="${value}"`))
    .join(" ");
}

interface Section {
  readonly heading: string;
  render(maxChars: number): { readonly text: string; readonly truncated: boolean };
}

/** The answer or error comes first and gets what it needs, but leaves what follows a third. */
function excerpt(said: readonly Section[], maxChars: number): { text: string; truncated: boolean } {
  const texts: string[] = [];
  let truncated = false;
  let room = maxChars;
  for (const [index, section] of said.entries()) {
    const heading = said.length > 1 ? `${section.heading}:\n` : "";
    const share = index === said.length - 1 ? room : Math.floor((room * 2) / 3);
    const rendered = section.render(Math.max(share - heading.length - 1, 0));
    truncated ||= rendered.truncated;
    if (rendered.text === "") continue;
    texts.push(heading + rendered.text);
    room -= heading.length + rendered.text.length + 1;
  }
  return { text: texts.join("\n"), truncated };
}

/** What the program says, each part with the heading that it gets when there are several. */
function sections(
  { kind, error, text }: NotificationRecord,
  task: TaskRecord,
  redact: readonly string[],
): Section[] {
  const found: Section[] = [];
  const output = kind === "completed" ? task.output : null;
  if (output !== null && output !== "null") {
    found.push({
      heading: "Result",
      render: (maxChars) => renderValue(output, { maxChars, redact }),
    });
  }
  if (error !== null && error.message !== "") {
    const { message } = error;
    found.push({
      heading: "Error",
      render: (maxChars) => renderOutput(message, { maxChars, redact }),
    });
  }
  if (text !== null && text !== "") {
    found.push({
      heading: textHeadings[kind],
      render: (maxChars) => renderOutput(text, { maxChars, redact }),
    });
  }
  return found;
}

const textHeadings: Readonly<Record<NotificationKind, string>> = {
  completed: "Last output",
  failed: "Last output",
  cancelled: "Last output",
  progress: "Progress",
  match: "Matching output",
  message: "Message",
};
