import { type Channel, channel } from "node:diagnostics_channel";
import type { Notification, Progress, TaskError, TerminalStatus } from "../store/store.ts";
import { callListener } from "./call-listener.ts";

interface AboutTask {
  readonly taskId: string;
  readonly session: string;
  /** The definition's name. */
  readonly name: string;
}

/** What happens to one task, as this process sees it. */
export type TaskEvent =
  | ({ readonly type: "task-queued" } & AboutTask)
  | ({ readonly type: "task-start"; readonly attempt: number } & AboutTask)
  | ({ readonly type: "task-progress"; readonly progress: Progress } & AboutTask)
  /** Output was appended by `context.write`; `bytes` is how much there is now. */
  | ({ readonly type: "task-output"; readonly bytes: number } & AboutTask)
  | ({
      readonly type: "task-retry";
      /** The attempt that failed. */
      readonly attempt: number;
      readonly delayMs: number;
      readonly error: TaskError;
    } & AboutTask)
  /**
   * It has neither printed nor reported nor computed for `quietMs`. Told once, and again after it
   * has moved and stalled anew.
   */
  | ({
      readonly type: "task-stall";
      readonly quietMs: number;
      /** True for a command that waits for its stdin, which `task.send` feeds. */
      readonly waitsForInput: boolean;
    } & AboutTask)
  /**
   * The policy's `approve` was asked whether a command of the task may run. No is `approved: false`:
   * an answer other than `true`, an error of the hook, or no answer before the question expired or
   * was no longer wanted; the last two with what the hook threw, or why. Never the end of the task.
   */
  | ({
      readonly type: "command-approval";
      readonly approved: boolean;
      /** Of what was asked; see `ApprovalRequest`. */
      readonly hash: string;
      readonly waitedMs: number;
      readonly error?: unknown;
    } & AboutTask)
  /** A running task of a dead owner was dealt with by this process. */
  | ({ readonly type: "task-recover"; readonly action: "fail" | "restart" | "adopt" } & AboutTask)
  | ({
      readonly type: "task-end";
      readonly status: TerminalStatus;
      readonly error: TaskError | null;
    } & AboutTask);

/** What happens to the manager as a whole. */
export type ManagerEvent =
  | TaskEvent
  | { readonly type: "notification"; readonly notification: Notification }
  /**
   * The command policy decided: at `start`, before each attempt, and again after an approval.
   * `command` is one line of visible ASCII, of at most about 1000 characters, without known secrets:
   * what was granted, or else what was asked for. A policy that threw has refused, with its error's
   * message as the reason.
   */
  | {
      readonly type: "command-decision";
      /** The id of the session that asked. */
      readonly session: string;
      readonly decision: "allow" | "ask" | "deny";
      readonly command: string;
      readonly reason?: string;
      readonly durationMs: number;
    }
  /** A turn begins because a session is owed notifications. */
  | { readonly type: "wake-start"; readonly session: string; readonly pending: number }
  /** The handler threw, or left notifications unacknowledged; tried again after `delayMs`. */
  | {
      readonly type: "wake-retry";
      readonly session: string;
      readonly delayMs: number;
      readonly error?: unknown;
    }
  /** The event loop was blocked so long that the lease was nearly or really lost. */
  | { readonly type: "lease-late"; readonly lateMs: number }
  /** Another manager took over; the attempts that ran here were aborted and cannot write. */
  | { readonly type: "lease-lost"; readonly owner: string; readonly tasks: number }
  | { readonly type: "store-error"; readonly error: unknown }
  /** A listener, or a callback given to meanwhile, threw. */
  | { readonly type: "listener-error"; readonly error: unknown }
  /**
   * Tasks of that name wait, or a dead owner left one for its definition to take up, and this
   * manager has no such definition.
   */
  | { readonly type: "definition-missing"; readonly name: string; readonly session: string };

/** The names that `manager.on` takes. */
export type ManagerEventName = ManagerEvent["type"];
/** The event of one name. */
export type ManagerEventOf<Name extends ManagerEventName> = Extract<ManagerEvent, { type: Name }>;

type Listener = (event: never) => unknown;

/** In-process announcements. Nobody is obliged to listen; a listener that throws harms nobody. */
export interface Events {
  /** True when an event of this name, about this task, would reach anybody. */
  wanted(name: ManagerEventName, taskId?: string): boolean;
  emit(event: ManagerEvent): void;
  on<Name extends ManagerEventName>(
    name: Name,
    listener: (event: ManagerEventOf<Name>) => void,
  ): () => void;
  onTask(taskId: string, listener: (event: TaskEvent) => void): () => void;
  clear(): void;
}

const channels = new Map<string, Channel>();

export function createEvents(): Events {
  const byName = new Map<string, Set<Listener>>();
  const byTask = new Map<string, Set<Listener>>();

  function call(listeners: Set<Listener> | undefined, event: ManagerEvent): void {
    if (listeners === undefined) return;
    for (const listener of [...listeners]) {
      callListener(listener, event as never, (error) => {
        // A listener for listener errors that throws too has had its say.
        if (event.type !== "listener-error") emit({ type: "listener-error", error });
      });
    }
  }

  function emit(event: ManagerEvent): void {
    call(byName.get(event.type), event);
    if (byTask.size > 0 && "taskId" in event) call(byTask.get(event.taskId), event);
    const observed = diagnosticsChannel(event.type);
    if (observed.hasSubscribers) observed.publish(event);
  }

  return {
    wanted: (name, taskId) =>
      byName.has(name) ||
      (taskId !== undefined && byTask.has(taskId)) ||
      diagnosticsChannel(name).hasSubscribers,
    emit,
    on: (name, listener) => add(byName, name, listener as Listener),
    onTask: (taskId, listener) => add(byTask, taskId, listener as Listener),
    clear() {
      byName.clear();
      byTask.clear();
    },
  };
}

function diagnosticsChannel(name: ManagerEventName): Channel {
  let found = channels.get(name);
  if (found === undefined) {
    found = channel(`meanwhile:${name}`);
    channels.set(name, found);
  }
  return found;
}

function add(map: Map<string, Set<Listener>>, key: string, listener: Listener): () => void {
  let listeners = map.get(key);
  if (listeners === undefined) {
    listeners = new Set();
    map.set(key, listeners);
  }
  // Wrapped, so that the same function may be added twice and removed once.
  const entry: Listener = (event) => listener(event);
  listeners.add(entry);
  return () => {
    listeners.delete(entry);
    if (listeners.size === 0 && map.get(key) === listeners) map.delete(key);
  };
}
