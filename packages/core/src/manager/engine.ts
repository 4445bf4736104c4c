import type { Alarms } from "../clock/alarms.ts";
import type { Clock, Random } from "../clock/clock.ts";
import type { CommandPolicy } from "../command/policy/policy.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { Ownership } from "../lifecycle/ownership.ts";
import type { Inboxes } from "../notifications/inbox.ts";
import type { Turns } from "../notifications/turns.ts";
import type { Wakes } from "../notifications/wakes.ts";
import type { TaskFiles } from "../output/task-files.ts";
import type { Store } from "../store/store.ts";
import type { Attempts } from "../task/attempts.ts";
import type { TaskContext } from "../task/context.ts";
import type { AnyDefinition } from "../task/definition.ts";
import type { Stalls } from "../task/stalls.ts";
import type { Waiters } from "../task/waiters.ts";
import type { Backlog } from "./backlog.ts";
import type { Events } from "./events.ts";
import type { Journal } from "./journal.ts";
import type { Mirror } from "./mirror.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Runner } from "./runner.ts";

/** What `close` makes of running tasks; see `CloseOptions`. */
export type CloseMode = "cancel" | "wait" | "leave";
export type Closure = (context: TaskContext) => unknown;

/** The inside of a manager: its parts, each of which may use the others. */
export interface Engine {
  readonly options: ResolvedOptions;
  /** The policy of the options, whose decisions are announced. */
  readonly commands: CommandPolicy;
  readonly clock: Clock;
  readonly random: Random;
  readonly id: (prefix: `${string}_`) => string;
  readonly alarms: Alarms;
  readonly events: Events;
  readonly store: Store;
  readonly journal: Journal;
  readonly ownership: Ownership;
  readonly dispatcher: Dispatcher;
  readonly backlog: Backlog;
  /** Tasks that run here and wait without a slot: they count as queued ones. */
  readonly waiting: Backlog;
  readonly attempts: Attempts;
  readonly stalls: Stalls;
  readonly waiters: Waiters;
  readonly inboxes: Inboxes;
  readonly turns: Turns;
  readonly wakes: Wakes;
  readonly files: TaskFiles;
  readonly definitions: Map<string, AnyDefinition>;
  /** The functions of ephemeral tasks that have not started. */
  readonly closures: Map<string, Closure>;
  /** True between opening and closing. */
  isOpen: boolean;
  /** True from the call of `close` on. */
  closing: boolean;

  /** Opens the store and recovers, once. */
  readonly opened: () => Promise<void>;
  /** Begins to open without waiting; a failure is an event, and the next use tries again. */
  readonly openSoon: () => void;
  /** @throws MeanwhileError `CLOSED` */
  readonly refuseClosed: () => void;
  readonly close: (mode: CloseMode) => Promise<void>;
  readonly runner: Runner;
  readonly mirror: Mirror;
}
