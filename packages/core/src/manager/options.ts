import { resolve } from "node:path";
import type { Clock, Random } from "../clock/clock.ts";
import { systemClock, systemRandom } from "../clock/system-clock.ts";
import type { CommandPolicy } from "../command/policy/policy.ts";
import { refuseCommands } from "../command/policy/refuse-commands.ts";
import type { CreateDispatcher } from "../dispatch/dispatcher.ts";
import { embeddedDispatcher } from "../dispatch/embedded.ts";
import { MeanwhileError } from "../errors.ts";
import type { RetentionOptions } from "../lifecycle/retention.ts";
import { memoryStore } from "../store/memory.ts";
import type { Store } from "../store/store.ts";
import { checkDefinition } from "../task/define.ts";
import type { AnyDefinition } from "../task/definition.ts";
import { requireDuration, requireWhole } from "../task/durations.ts";
import { isKeyText } from "../task/key-text.ts";
import { resolveStall, type StallOptions } from "../task/stall-options.ts";

/** How much may run and wait at a time. */
export interface LimitOptions {
  /** Tasks that run at a time in this manager. @default 8 */
  readonly concurrency?: number;
  /** Tasks that may wait in the store before `start` refuses with `QUEUE_FULL`. @default 10000 */
  readonly queued?: number;
  /** The same for each session. */
  readonly perSession?: {
    /** Tasks of one session that run at a time in this manager. @default 4 */
    readonly concurrency?: number;
    /** Tasks of one session that may wait before `start` refuses with `QUEUE_FULL`. @default 1000 */
    readonly queued?: number;
  };
}

/** All of them have defaults: `new BackgroundManager()` keeps everything in memory. */
export interface ManagerOptions {
  /**
   * Where tasks and notifications are kept.
   * @default memoryStore(), which ends with the manager; so does the tasks' output then
   */
  readonly store?: Store;
  /** Definitions known by name; these survive a restart. @default [] */
  readonly tasks?: readonly AnyDefinition[];
  /** What commands may run. @default every command is refused */
  readonly commands?: CommandPolicy;
  /** How much may run and wait at a time. @default 8 running, 10000 waiting; see there */
  readonly limits?: LimitOptions;
  /** Folder for task output and process records; made on first use, mode 0700. @default ".meanwhile" */
  readonly directory?: string;
  /** How long ended tasks are kept. @default a day, a week when they failed; see there */
  readonly retention?: RetentionOptions;
  /** Most bytes of output kept for a task; the rest is dropped visibly. @default 67108864 */
  readonly outputBytes?: number;
  /** Known secret values; they are replaced wherever output is rendered for a model. @default [] */
  readonly redact?: readonly string[];
  /**
   * When a running task that does nothing is said to have stalled; false for never.
   * @default an event after five minutes; see there
   */
  readonly stall?: StallOptions | false;
  /** Name of this manager, unique among those on the store. @default a random one */
  readonly owner?: string;
  /** Milliseconds after which a manager that gives no sign of life loses its tasks. @default 30000 */
  readonly leaseMs?: number;
  /** @default the system's */
  readonly clock?: Clock;
  /** @default the system's */
  readonly random?: Random;
  /** Decides which process runs a task. @default embeddedDispatcher: this one */
  readonly dispatcher?: CreateDispatcher;
}

export interface ResolvedOptions {
  readonly store: Store;
  /** True when the store is the manager's own and ends with it: then so does what it refers to. */
  readonly storeIsOwn: boolean;
  readonly tasks: readonly AnyDefinition[];
  readonly commands: CommandPolicy;
  readonly limits: {
    readonly concurrency: number;
    readonly queued: number;
    readonly perSession: { readonly concurrency: number; readonly queued: number };
  };
  readonly directory: string;
  readonly retention: Required<RetentionOptions>;
  readonly outputBytes: number;
  readonly redact: readonly string[];
  readonly stall: Required<StallOptions> | false;
  readonly owner: string | undefined;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly dispatcher: CreateDispatcher;
}

const day = 86_400_000;

/** Fills in the defaults. @throws MeanwhileError `INVALID_OPTION` or `INVALID_DEFINITION` */
export function resolveOptions(options: ManagerOptions): ResolvedOptions {
  const { limits = {}, retention = {} } = options;
  const perSession = limits.perSession ?? {};
  requireWhole(limits.concurrency, "limits.concurrency", "INVALID_OPTION", 1);
  requireWhole(limits.queued, "limits.queued");
  requireWhole(perSession.concurrency, "limits.perSession.concurrency", "INVALID_OPTION", 1);
  requireWhole(perSession.queued, "limits.perSession.queued");
  requireWhole(options.outputBytes, "outputBytes", "INVALID_OPTION", 1);
  requireWhole(retention.tasks, "retention.tasks");
  requireDuration(retention.completedMs, "retention.completedMs");
  requireDuration(retention.failedMs, "retention.failedMs");
  requireDuration(options.leaseMs, "leaseMs", "INVALID_OPTION", { positive: true });
  if (options.store !== undefined && typeof options.store?.commit !== "function") {
    throw new MeanwhileError(
      "INVALID_OPTION",
      "store must be a store, such as memoryStore() or sqliteStore({ path }).",
    );
  }
  if (options.commands !== undefined && typeof options.commands?.decide !== "function") {
    throw new MeanwhileError(
      "INVALID_OPTION",
      "commands must be a command policy, such as commandPolicy({ … }).",
    );
  }
  const { approve, approvalMs } = options.commands ?? {};
  if (approve !== undefined && typeof approve !== "function") {
    throw new MeanwhileError(
      "INVALID_OPTION",
      "commands.approve must be a function that gives true for yes.",
    );
  }
  requireDuration(approvalMs, "commands.approvalMs", "INVALID_OPTION", { positive: true });
  const { directory } = options;
  if (
    directory !== undefined &&
    (typeof directory !== "string" || directory === "" || directory.includes("\0"))
  ) {
    throw new MeanwhileError("INVALID_OPTION", "directory must be the path of a folder.");
  }
  const { redact } = options;
  if (
    redact !== undefined &&
    !(Array.isArray(redact) && redact.every((secret) => typeof secret === "string"))
  ) {
    throw new MeanwhileError("INVALID_OPTION", "redact must be a list of texts.");
  }
  const { owner } = options;
  if (owner !== undefined && !isKeyText(owner, 200)) {
    throw new MeanwhileError(
      "INVALID_OPTION",
      "owner must be a text of 1 to 200 characters, without NUL and half surrogate pairs.",
    );
  }
  if (options.tasks !== undefined && !Array.isArray(options.tasks)) {
    throw new MeanwhileError("INVALID_OPTION", "tasks must be a list of definitions.");
  }
  const tasks = [...(options.tasks ?? [])];
  refuseDuplicates(tasks);
  return {
    store: options.store ?? memoryStore(),
    storeIsOwn: options.store === undefined,
    tasks,
    commands: options.commands ?? refuseCommands,
    limits: {
      concurrency: limits.concurrency ?? 8,
      queued: limits.queued ?? 10_000,
      perSession: {
        concurrency: perSession.concurrency ?? 4,
        queued: perSession.queued ?? 1_000,
      },
    },
    directory: resolve(options.directory ?? ".meanwhile"),
    retention: {
      completedMs: retention.completedMs ?? day,
      failedMs: retention.failedMs ?? 7 * day,
      tasks: retention.tasks ?? 10_000,
    },
    outputBytes: options.outputBytes ?? 64 * 1024 * 1024,
    redact: (options.redact ?? []).filter((secret) => secret !== ""),
    stall: resolveStall(options.stall),
    owner,
    leaseMs: options.leaseMs ?? 30_000,
    clock: options.clock ?? systemClock(),
    random: options.random ?? systemRandom,
    dispatcher: options.dispatcher ?? embeddedDispatcher,
  };
}

function refuseDuplicates(definitions: readonly AnyDefinition[]): void {
  const names = new Set<string>();
  for (const definition of definitions) {
    checkDefinition(definition);
    for (const name of new Set([definition.name, definition.toolName ?? definition.name])) {
      if (names.has(name)) {
        throw new MeanwhileError(
          "INVALID_DEFINITION",
          `Two definitions are named ${JSON.stringify(name)}. A name must tell which definition takes up a task after a restart: rename one.`,
        );
      }
      names.add(name);
    }
  }
}
