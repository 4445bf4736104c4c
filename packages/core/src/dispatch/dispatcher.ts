/** What a dispatcher may do to the manager that it works for. */
export interface DispatchPort {
  /**
   * Takes up to `limit` runnable tasks of the session and runs them here; tells what it got and
   * when the next one that only waits for its time becomes runnable. Several claims made before
   * the next flush are one commit.
   */
  claim(session: string, limit: number, done: (taken: number, nextAt: number | null) => void): void;
  /** Calls back at a wall time; returns what cancels it. */
  at(time: number, callback: () => void): () => void;
  /** Makes sure that `pump` is called soon. */
  poke(): void;
}

/**
 * Decides which process runs a task next, and when. The embedded one is in process. A task that it
 * lets start keeps a slot of the process and of its session until its work has really ended.
 */
export interface Dispatcher {
  /** A slot for a task that may start at once; false when it has to queue. */
  reserve(session: string): boolean;
  /** Up to `tasks` tasks of the session became runnable, or may have. */
  offer(session: string, tasks: number): void;
  /** The work of a task has ended: its slot is free. */
  free(session: string): void;
  /** Takes a slot for work that goes on already, such as an adopted process. */
  occupy(session: string): void;
  /**
   * A slot for work that gave its own up with `free` and wants to go on: calls `resumed` once it
   * has one, during this call or a later one. It goes before tasks that have not started, and after
   * those that asked before it and could go on too. Also after `stop`. Returns what withdraws it;
   * once it has its slot that does nothing.
   */
  resume(session: string, resumed: () => void): () => void;
  /** Claims what can run now. The manager calls it before each flush. */
  pump(): void;
  /** Claims nothing any more. */
  stop(): void;
}

/** Makes the dispatcher of one manager, with its limits on tasks that run at a time. */
export type CreateDispatcher = (
  port: DispatchPort,
  limits: { readonly concurrency: number; readonly perSession: number },
) => Dispatcher;
