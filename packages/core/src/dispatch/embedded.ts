import type { Dispatcher, DispatchPort } from "./dispatcher.ts";

interface SessionQueue {
  readonly session: string;
  /** Guess of what a claim would find; a claim that comes back short corrects it. */
  runnable: number;
  running: number;
  waitsForTurn: boolean;
  cancelAlarm: (() => void) | undefined;
}

/** Work that has started and waits for a slot to go on. */
interface Resumption {
  readonly session: string;
  readonly resumed: () => void;
}

/**
 * Runs tasks in this process. Sessions take turns, one task each, so that one with 10,000 tasks
 * does not starve another with one. Holds a few numbers for each session with work, nothing for a
 * task.
 */
export function embeddedDispatcher(
  port: DispatchPort,
  limits: { readonly concurrency: number; readonly perSession: number },
): Dispatcher {
  const queues = new Map<string, SessionQueue>();
  /** Sessions that may have something to run and may run it, in the order of their turns. */
  let turns: SessionQueue[] = [];
  /** Those before it have had their turn. */
  let head = 0;
  let running = 0;
  let stopped = false;
  /** In the order in which they asked; as many as have a slot free for them have gone on. */
  const resumptions = new Set<Resumption>();

  function queueOf(session: string): SessionQueue {
    let queue = queues.get(session);
    if (queue === undefined) {
      queue = { session, runnable: 0, running: 0, waitsForTurn: false, cancelAlarm: undefined };
      queues.set(session, queue);
    }
    return queue;
  }

  function enterTurns(queue: SessionQueue): void {
    if (queue.waitsForTurn || queue.runnable <= 0 || queue.running >= limits.perSession) return;
    queue.waitsForTurn = true;
    turns.push(queue);
    if (running < limits.concurrency) port.poke();
  }

  function forgetIfIdle(queue: SessionQueue): void {
    if (
      queue.running === 0 &&
      queue.runnable === 0 &&
      !queue.waitsForTurn &&
      queue.cancelAlarm === undefined
    ) {
      queues.delete(queue.session);
    }
  }

  function offer(session: string, tasks: number): void {
    if (stopped) return;
    const queue = queueOf(session);
    queue.runnable += tasks;
    enterTurns(queue);
  }

  function free(session: string): void {
    const queue = queueOf(session);
    running -= 1;
    queue.running -= 1;
    resumeNext();
    if (!stopped) {
      enterTurns(queue);
      if (head < turns.length) port.poke();
    }
    forgetIfIdle(queue);
  }

  /** Called whenever slots became free, so that none is free for one that still waits. */
  function resumeNext(): void {
    for (const resumption of resumptions) {
      if (running >= limits.concurrency) return;
      const queue = queueOf(resumption.session);
      if (queue.running >= limits.perSession) continue;
      resumptions.delete(resumption);
      running += 1;
      queue.running += 1;
      resumption.resumed();
    }
  }

  function pump(): void {
    if (stopped || head >= turns.length || running >= limits.concurrency) return;
    const shares = new Map<SessionQueue, number>();
    while (running < limits.concurrency && head < turns.length) {
      const queue = turns[head] as SessionQueue;
      head += 1;
      queue.waitsForTurn = false;
      // Work that went on took the slot; its end lets the session enter again.
      if (queue.running >= limits.perSession) continue;
      queue.running += 1;
      queue.runnable -= 1;
      running += 1;
      shares.set(queue, (shares.get(queue) ?? 0) + 1);
      enterTurns(queue);
    }
    // Cutting off the head costs its length, so it is done when that has been earned.
    if (head * 2 >= turns.length) {
      turns = turns.slice(head);
      head = 0;
    }
    for (const [queue, share] of shares) claim(queue, share);
  }

  function claim(queue: SessionQueue, share: number): void {
    port.claim(queue.session, share, (taken, nextAt) => {
      const spare = share - taken;
      running -= spare;
      queue.running -= spare;
      if (spare > 0) resumeNext();
      if (stopped) return;
      // Coming back short means that the rest waits: for its time, for another task, or elsewhere.
      if (spare > 0) queue.runnable = 0;
      queue.cancelAlarm?.();
      queue.cancelAlarm = undefined;
      if (nextAt !== null) {
        queue.cancelAlarm = port.at(nextAt, () => {
          queue.cancelAlarm = undefined;
          offer(queue.session, limits.perSession);
        });
      }
      enterTurns(queue);
      forgetIfIdle(queue);
      if (spare > 0 && head < turns.length) port.poke();
    });
  }

  return {
    reserve(session) {
      if (stopped || running >= limits.concurrency) return false;
      const queue = queueOf(session);
      if (queue.runnable > 0 || queue.running >= limits.perSession) {
        forgetIfIdle(queue);
        return false;
      }
      running += 1;
      queue.running += 1;
      return true;
    },
    offer,
    free,
    occupy(session) {
      running += 1;
      queueOf(session).running += 1;
    },
    resume(session, resumed) {
      const resumption = { session, resumed };
      resumptions.add(resumption);
      resumeNext();
      return () => void resumptions.delete(resumption);
    },
    pump,
    stop() {
      stopped = true;
      turns = [];
      for (const queue of queues.values()) queue.cancelAlarm?.();
    },
  };
}
