import { MeanwhileError } from "../errors.ts";
import type { Session } from "../manager/session.ts";

export interface NewsOptions {
  /** Ends the wait, as `"aborted"`. */
  readonly signal?: AbortSignal | undefined;
  /** Most milliseconds without news. @default unlimited */
  readonly maxIdleMs?: number | undefined;
  /** Called when it really has to wait, with the number of open tasks (100 at most). */
  readonly onWait?: ((open: number) => void) | undefined;
  /** Called when such a wait is over. */
  readonly onEnd?: (() => void) | undefined;
}

/**
 * Why a wait ended. `news`: something is owed. `none-open`: nothing is, and no task is open from
 * which it could come. `max-idle`: the time is over. `closed`: the manager is.
 */
export type News = "news" | "none-open" | "max-idle" | "aborted" | "closed";

/**
 * Waits until the session is owed something, or has no open task from which news could come.
 *
 * @throws MeanwhileError as `NotificationQueue.wait`, but `CLOSED`
 */
export async function waitForNews(
  session: Session,
  { signal, maxIdleMs, onWait, onEnd }: NewsOptions = {},
): Promise<News> {
  try {
    for (;;) {
      signal?.throwIfAborted();
      const open = await session.list({ status: ["queued", "running"] });
      if (session.notifications.pending() > 0) return "news";
      if (open.length === 0) return "none-open";
      const ids = open.map(({ id }) => id);
      onWait?.(open.length);
      const end = await firstOf(session, ids, signal, maxIdleMs);
      onEnd?.();
      if (end !== "all-ended") return end;
    }
  } catch (error) {
    if (signal?.aborted) return "aborted";
    if (MeanwhileError.isInstance(error, "CLOSED")) return "closed";
    throw error;
  }
}

/**
 * A task may end without news, since nothing is owed about it or its result was read elsewhere:
 * so the tasks' own ends count as well.
 */
async function firstOf(
  session: Session,
  ids: readonly string[],
  signal: AbortSignal | undefined,
  maxIdleMs: number | undefined,
): Promise<"news" | "max-idle" | "all-ended"> {
  const over = new AbortController();
  const until = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const news = session.notifications
    .wait({ signal: until, ...(maxIdleMs === undefined ? {} : { timeoutMs: maxIdleMs }) })
    .then((isOwed) => (isOwed ? ("news" as const) : ("max-idle" as const)));
  const ended = Promise.all(ids.map((id) => taskEnded(session, id, until))).then(
    () => "all-ended" as const,
  );
  try {
    return await Promise.race([news, ended]);
  } finally {
    over.abort();
    await Promise.allSettled([news, ended]);
  }
}

async function taskEnded(session: Session, id: string, signal: AbortSignal): Promise<void> {
  try {
    const task = await session.get(id);
    for await (const event of task.events({ signal })) if (event.type === "task-end") return;
  } catch (error) {
    // It ended and was deleted meanwhile.
    if (!MeanwhileError.isInstance(error, "UNKNOWN_TASK")) throw error;
  }
}
