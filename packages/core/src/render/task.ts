import { waitingFor } from "../store/facts.ts";
import type { Progress, TaskError, TaskRecord } from "../store/store.ts";
import { renderDuration } from "./duration.ts";
import { renderLabel } from "./label.ts";

export interface TaskTextOptions {
  /** Wall milliseconds since 1970, for how long a task has been going on. */
  readonly now: number;
  /** Known secret values. @default [] */
  readonly redact?: readonly string[];
}

/** One line for a list: `t_1 running "Build the site" (run_command), attempt 2, 12.3s, 45%`. */
export function renderTask(task: TaskRecord, options: TaskTextOptions): string {
  const { title, name } = labels(task, options);
  return [
    `${task.id} ${stateOf(task)} "${title}"${name === title ? "" : ` (${name})`}`,
    ...facts(task, options),
  ].join(", ");
}

/** The same on several lines, to stand above a task's output or result. */
export function renderTaskHeader(task: TaskRecord, options: TaskTextOptions): string {
  const { title, name } = labels(task, options);
  return [
    `task: ${task.id} "${title}" (${name})`,
    `status: ${stateOf(task)}`,
    ...facts(task, options),
  ].join("\n");
}

/** Its status; or, for a running task that is not at work, what it waits for. */
function stateOf(task: TaskRecord): string {
  const waiting = waitingFor(task);
  return waiting === null ? task.status : renderWaiting(waiting);
}

/** `waits for approval` */
export function renderWaiting(waiting: string): string {
  return `waits for ${renderLabel(waiting, { maxChars: 60 })}`;
}

/** How long a task ran, or has been running; undefined while it never started. */
export function elapsedMs(task: TaskRecord, now: number): number | undefined {
  return task.startedAt === null ? undefined : (task.settledAt ?? now) - task.startedAt;
}

/** What an error's facts say, without its message: `EXIT_CODE`, `exit code 2`, `SIGTERM`. */
export function errorFacts(error: TaskError): string[] {
  const { exitCode, signal } = error.details ?? {};
  const facts = [
    /^\w{1,40}$/.test(error.code) ? error.code : renderLabel(error.code, { maxChars: 40 }),
  ];
  if (Number.isSafeInteger(exitCode)) facts.push(`exit code ${exitCode}`);
  if (typeof signal === "string" && /^SIG[A-Z0-9+]{1,12}$/.test(signal)) facts.push(signal);
  return facts;
}

function labels(
  task: TaskRecord,
  { redact = [] }: TaskTextOptions,
): { title: string; name: string } {
  return { title: renderLabel(task.title, { redact }), name: renderLabel(task.name) };
}

function facts(task: TaskRecord, { now, redact = [] }: TaskTextOptions): string[] {
  const lines: string[] = [];
  if (task.attempt > 1) lines.push(`attempt ${task.attempt}`);
  const elapsed = elapsedMs(task, now);
  if (elapsed !== undefined) lines.push(renderDuration(elapsed));
  else if (task.status === "queued" && task.runAt > now) {
    lines.push(`starts in ${renderDuration(task.runAt - now)}`);
  }
  if (task.facts?.cancelRequested !== undefined && task.status === "running") {
    lines.push("cancel requested");
  }
  if (task.error !== null) lines.push(errorFacts(task.error).join(" "));
  const progress = task.status === "running" ? task.facts?.progress : undefined;
  if (progress !== undefined) lines.push(...progressFacts(progress, redact));
  return lines;
}

function progressFacts(
  { completed, total, message }: Progress,
  redact: readonly string[],
): string[] {
  const facts: string[] = [];
  if (completed !== undefined && total !== undefined && total > 0) {
    facts.push(`${Math.floor((completed / total) * 100)}% (${completed}/${total})`);
  } else if (completed !== undefined) {
    facts.push(`${completed} done`);
  }
  if (message !== undefined && message !== "") {
    facts.push(`it says "${renderLabel(message, { maxChars: 120, redact })}"`);
  }
  return facts;
}
