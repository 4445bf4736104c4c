/** How many tasks wait, in all and for each session: what the queue limits are checked against. */
export interface Backlog {
  readonly total: number;
  of(session: string): number;
  add(session: string, tasks: number): void;
  set(session: string, tasks: number): void;
}

export function createBacklog(): Backlog {
  const sessions = new Map<string, number>();
  let total = 0;

  function set(session: string, tasks: number): void {
    total += tasks - (sessions.get(session) ?? 0);
    if (tasks <= 0) sessions.delete(session);
    else sessions.set(session, tasks);
  }

  return {
    get total() {
      return total;
    },
    of: (session) => sessions.get(session) ?? 0,
    add(session, tasks) {
      set(session, Math.max((sessions.get(session) ?? 0) + tasks, 0));
    },
    set,
  };
}
