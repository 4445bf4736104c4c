import type { Change, Outcome, Outcomes, Store, TaskRecord } from "../../src/index.ts";

/** One change that a store was given, with what became of it. */
export interface Step {
  readonly change: Change;
  readonly outcome: Outcome;
}

/** Everything that was committed to a store, in order, by however many managers. */
export interface History {
  readonly steps: readonly Step[];
  /** Passes everything on to the store and takes note of it. */
  recorded(store: Store): Store;
  /** How often a terminal transition of the task was committed. */
  endings(taskId: string): number;
  /** The attempts of the task that were started, in order. */
  starts(taskId: string): number[];
  /** What the store must never have been brought to do; empty when all is well. */
  violations(): string[];
}

export function recordHistory(): History {
  const steps: Step[] = [];
  return {
    steps,
    recorded: (store) => ({
      ...store,
      async commit(changes) {
        const outcomes = await store.commit(changes);
        for (const [index, change] of changes.entries()) {
          steps.push({ change, outcome: outcomes[index] as Outcome });
        }
        return outcomes;
      },
    }),
    endings: (taskId) => steps.filter((step) => endedTask(step)?.id === taskId).length,
    starts: (taskId) => steps.flatMap(startedTasks).filter(isOf(taskId)).map(numberOf),
    violations: () => violations(steps),
  };
}

interface Ending {
  readonly id: string;
  /** The notification's id; null when none was owed. */
  readonly notification: string | null;
}

/** The task that the step ended, if it ended one. */
export function endedTask({ change, outcome }: Step): Ending | undefined {
  if (change.type === "settle" && outcome === true) {
    return { id: change.id, notification: change.notification?.id ?? null };
  }
  if (change.type !== "cancel") return undefined;
  const answer = outcome as Outcomes["cancel"];
  if (answer.state !== "cancelled") return undefined;
  return { id: change.id, notification: answer.notified ? change.notification.id : null };
}

interface Started {
  readonly id: string;
  readonly attempt: number;
}

function startedTasks({ change, outcome }: Step): Started[] {
  if (change.type === "claim") {
    const { tasks } = outcome as Outcomes["claim"];
    return tasks.map(({ id, attempt }) => ({ id, attempt }));
  }
  if (change.type !== "insert" || change.task.status !== "running") return [];
  return (outcome as Outcomes["insert"]).inserted ? [{ id: change.task.id, attempt: 1 }] : [];
}

const isOf =
  (taskId: string) =>
  ({ id }: Started): boolean =>
    id === taskId;
const numberOf = ({ attempt }: Started): number => attempt;

function violations(steps: readonly Step[]): string[] {
  const found: string[] = [];
  const tasks = new Map<string, TaskRecord>();
  const ended = new Set<string>();
  const started = new Set<string>();
  const acknowledged = new Set<string>();
  const registered = new Set<string>();
  for (const step of steps) {
    const { change, outcome } = step;
    if (change.type === "register") {
      const answer = outcome as Outcomes["register"];
      if (answer.registered) registered.add(answer.owner.fence);
    } else if (change.type === "depose") registered.delete(change.fence);
    else if ("fence" in change && hadEffect(step) && !registered.has(change.fence)) {
      found.push(`${change.type} under ${change.fence}, which is not registered`);
    }
    if (change.type === "insert" && (outcome as Outcomes["insert"]).inserted) {
      tasks.set(change.task.id, change.task);
    }
    for (const { id, attempt } of startedTasks(step)) {
      const key = `${id} attempt ${attempt}`;
      if (started.has(key)) found.push(`${key} was started twice`);
      if (ended.has(id)) found.push(`${key} was started after its end`);
      started.add(key);
    }
    const ending = endedTask(step);
    if (ending !== undefined) {
      if (ended.has(ending.id)) found.push(`${ending.id} ended twice`);
      ended.add(ending.id);
      if (isOwed(step, tasks.get(ending.id)) !== (ending.notification !== null)) {
        found.push(`${ending.id} ended with a notification too many or too few`);
      }
    }
    if (change.type === "ack" && outcome === true) {
      for (const id of change.ids) acknowledged.add(id);
    }
    if (change.type === "consume" && (outcome as Outcomes["consume"]).acknowledged === 1) {
      acknowledged.add(`${change.taskId}.end`);
    }
    if (change.type === "lease") {
      for (const id of outcome as Outcomes["lease"]) {
        if (acknowledged.has(id)) found.push(`${id} was handed out after its acknowledgement`);
      }
    }
  }
  return found;
}

/** Whether a change of the kinds that carry a fence was applied. */
function hadEffect({ change, outcome }: Step): boolean {
  if (change.type === "claim") return (outcome as Outcomes["claim"]).tasks.length > 0;
  if (change.type === "lease") return (outcome as Outcomes["lease"]).length > 0;
  if (change.type === "ack") return outcome === true && change.ids.length > 0;
  return typeof outcome === "number" ? outcome > 0 : outcome === true;
}

function isOwed({ change }: Step, task: TaskRecord | undefined): boolean {
  const notify = task?.options.notify ?? "always";
  if (notify === "always") return true;
  return notify === "failure" && change.type === "settle" && change.status === "failed";
}
