import type { TaskData } from "@meanwhile/ai-sdk";

const statuses = {
  queued: "Queued",
  running: "Running",
  completed: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
} as const;

export function titleOf({ name, title }: TaskData): string {
  return name === "research" ? `Research: ${title}` : title;
}

export function statusText({ status, waiting }: TaskData): string {
  if (waiting === "approval") return "Waits for you";
  return statuses[status];
}

/** How far it is, where it says so: in bytes for a download, else in its own words. */
export function progressText({ name, status, progress }: TaskData): string {
  if (progress === null || status === "queued") return "";
  const { completed, total, message } = progress;
  if (completed === undefined) return message ?? "";
  if (name === "download") {
    // The last report came before the end.
    return status === "completed" ? megabytes(total ?? completed) : megabytes(completed, total);
  }
  const unit = message === undefined ? "" : ` ${message}`;
  return total === undefined ? `${completed}${unit}` : `${completed} of ${total}${unit}`;
}

function megabytes(completed: number, total?: number): string {
  const text = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  return total === undefined ? `${text(completed)} MB` : `${text(completed)} of ${text(total)} MB`;
}
