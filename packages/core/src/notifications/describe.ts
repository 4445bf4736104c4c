import type { Engine } from "../manager/engine.ts";
import { summariseNotification } from "../render/notification.ts";
import { renderTask } from "../render/task.ts";
import { requireWhole } from "../task/durations.ts";

const defaultChars = 2_000;
const most = 100;

export interface DescribeOptions {
  /** Most characters, at least 200. @default 2000 */
  readonly maxChars?: number;
  /** Whether unread results are named: not needed where they are told anyway. @default true */
  readonly unread?: boolean;
}

/** Live tasks and unread results, a line each, as many as the budget allows. */
export async function describeSession(
  engine: Engine,
  session: string,
  options: DescribeOptions = {},
): Promise<string> {
  const { maxChars = defaultChars, unread: withUnread = true } = options;
  requireWhole(maxChars, "maxChars", "INVALID_OPTION", 200);
  await engine.opened();
  const now = engine.clock.now();
  const { redact } = engine.options;
  const live = await engine.store.tasks({ session, status: ["queued", "running"], limit: most });
  const unread = withUnread
    ? await engine.store.notifications({ session, limit: most, now, leased: true })
    : [];
  if (live.length === 0 && unread.length === 0) return "";
  const lines = [
    ...(live.length > 0 ? ["Background tasks that are not finished:"] : []),
    ...live.map((task) => renderTask(task, { now, redact })),
    ...(unread.length > 0 ? ["Results that were not read yet (read them with read_task):"] : []),
    ...unread.map(({ notification }) => summariseNotification(notification, { redact })),
  ];
  return withinBudget(lines, maxChars);
}

function withinBudget(lines: readonly string[], maxChars: number): string {
  const more = "More were left out; list_tasks shows them.";
  const shown: string[] = [];
  let left = maxChars - more.length - 1;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) return [...shown, more].join("\n");
    shown.push(line);
  }
  return shown.join("\n");
}
