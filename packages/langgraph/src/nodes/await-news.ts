import type { BackgroundManager, Progress, Session, TaskStatus } from "@meanwhile/core";
import { waitForNews } from "@meanwhile/core/adapters";

/** What a waiting node writes to the `custom` stream: a task, as it stands. */
export interface TaskChunk {
  readonly type: "meanwhile";
  readonly taskId: string;
  /** The definition's name. */
  readonly name: string;
  readonly status: TaskStatus;
  /** What it reported last. */
  readonly progress: Progress | null;
}

/** What is used of a node's configuration. */
interface WaitConfig {
  readonly signal?: AbortSignal | undefined;
  readonly writer?: ((chunk: unknown) => void) | undefined;
  readonly heartbeat?: (() => void) | undefined;
}

/**
 * Waits until the session is owed something, or has no open task, and streams meanwhile what its
 * tasks do.
 *
 * @throws the signal's reason when it aborts
 */
export async function awaitNews(
  manager: BackgroundManager,
  session: Session,
  { signal, writer, heartbeat }: WaitConfig,
): Promise<void> {
  const write = (chunk: TaskChunk): void => {
    // A node that waits for what moves is not stuck.
    heartbeat?.();
    writer?.(chunk);
  };
  const stops = [
    manager.on("task-start", ({ session: id, taskId, name }) => {
      if (id === session.id) {
        write({ type: "meanwhile", taskId, name, status: "running", progress: null });
      }
    }),
    manager.on("task-progress", ({ session: id, taskId, name, progress }) => {
      if (id === session.id)
        write({ type: "meanwhile", taskId, name, status: "running", progress });
    }),
    manager.on("task-end", ({ session: id, taskId, name, status }) => {
      if (id === session.id) write({ type: "meanwhile", taskId, name, status, progress: null });
    }),
  ];
  try {
    for (const { id, name, status, progress } of await session.list({
      status: ["queued", "running"],
    })) {
      write({ type: "meanwhile", taskId: id, name, status, progress });
    }
    await waitForNews(session, { signal });
    signal?.throwIfAborted();
  } finally {
    for (const stop of stops) stop();
  }
}
