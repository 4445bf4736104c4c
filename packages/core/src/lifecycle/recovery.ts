import { MeanwhileError } from "../errors.ts";
import { aboutTask } from "../manager/about-task.ts";
import type { Engine } from "../manager/engine.ts";
import { endingNotification, owesEnding } from "../notifications/ending.ts";
import { outputTail } from "../output/tail.ts";
import { notWaiting } from "../store/facts.ts";
import type { TaskRecord } from "../store/store.ts";
import { cancelReason } from "../task/cancel-reason.ts";
import type { AnyDefinition } from "../task/definition.ts";
import { toTaskError } from "../task/task-error.ts";

const page = 500;
/** How often a definition with `recover: "restart"` is started again, at least, after crashes. */
const leastRestarts = 3;

/**
 * Deals with the tasks whose owner is no longer registered, as their definitions allow: taken over,
 * started again, or failed with `INTERRUPTED`. Safe to run in several managers at once: each step
 * is a compare-and-set on the dead owner's fence.
 */
export async function recoverOrphans(engine: Engine): Promise<void> {
  const living = new Set((await engine.store.owners()).map((owner) => owner.fence));
  let after: string | undefined;
  for (;;) {
    const tasks = await engine.store.tasks({
      held: true,
      status: ["queued", "running"],
      limit: page,
      ...(after === undefined ? {} : { after }),
    });
    const orphans = tasks.filter((task) => task.fence !== null && !living.has(task.fence));
    await Promise.all(orphans.map((task) => recoverTask(engine, task)));
    if (tasks.length < page) return;
    after = tasks.at(-1)?.id;
  }
}

async function recoverTask(engine: Engine, task: TaskRecord): Promise<void> {
  const definition = engine.definitions.get(task.name);
  switch (recoveryOf(task, definition)) {
    case "adopt":
      return adopt(engine, task);
    case "wait":
      engine.events.emit({ type: "definition-missing", name: task.name, session: task.session });
      return;
    case "cancel":
      return settle(engine, task, "cancelled", cancelReason(task.facts?.cancelRequested ?? ""));
    case "fail":
      return settle(engine, task, "failed", interrupted(task));
    case "restart": {
      const most = Math.max(definition?.retry?.attempts ?? 1, leastRestarts);
      if (interruptions(task) < most) return restart(engine, task);
      return settle(engine, task, "failed", interruptedTooOften(task));
    }
  }
}

function recoveryOf(
  { options, facts }: TaskRecord,
  definition: AnyDefinition | undefined,
): "adopt" | "wait" | "cancel" | "fail" | "restart" {
  const custom = options.recover === "custom";
  if (custom && definition === undefined) return "wait";
  if (custom && typeof definition?.recover === "function") return "adopt";
  if (facts?.cancelRequested !== undefined) return "cancel";
  // A definition that could take a task up when it started it, and no longer can, decides anew.
  return (custom ? definition?.recover : options.recover) === "restart" ? "restart" : "fail";
}

async function adopt(engine: Engine, task: TaskRecord): Promise<void> {
  const fence = engine.ownership.fence;
  const taken = await engine.journal.commit<"adopt">({
    type: "adopt",
    id: task.id,
    fence,
    holder: task.fence as string,
    attempt: task.attempt,
  });
  if (!taken) return;
  engine.events.emit({ type: "task-recover", ...aboutTask(task), action: "adopt" });
  engine.runner.adopted({ ...task, fence });
}

/** How often the process of an attempt died, this time included; leaving a task is no death. */
function interruptions({ facts }: TaskRecord): number {
  return (facts?.interruptions ?? 0) + 1;
}

async function restart(engine: Engine, task: TaskRecord): Promise<void> {
  const requeued = await engine.journal.commit<"requeue">({
    type: "requeue",
    id: task.id,
    fence: engine.ownership.fence,
    holder: task.fence as string,
    attempt: task.attempt,
    runAt: engine.clock.now(),
    facts: {
      ...notWaiting,
      lastError: toTaskError(interrupted(task)),
      interruptions: interruptions(task),
    },
  });
  if (!requeued) return;
  engine.events.emit({ type: "task-recover", ...aboutTask(task), action: "restart" });
  engine.runner.requeued(task.session);
}

async function settle(
  engine: Engine,
  task: TaskRecord,
  status: "failed" | "cancelled",
  reason: MeanwhileError,
): Promise<void> {
  const at = engine.clock.now();
  const error = toTaskError(reason);
  const notification = owesEnding(task, status)
    ? endingNotification(task, { status, error, at, text: await outputTail(engine, task) })
    : null;
  const settled = await engine.journal.commit<"settle">({
    type: "settle",
    id: task.id,
    fence: engine.ownership.fence,
    holder: task.fence as string,
    attempt: task.attempt,
    status,
    output: null,
    error,
    at,
    notification,
  });
  if (!settled) return;
  if (task.status === "queued") engine.runner.unqueued(task.session);
  engine.events.emit({ type: "task-recover", ...aboutTask(task), action: "fail" });
  engine.runner.settled(task, { status, output: null, error, at, notification });
}

function interrupted(task: TaskRecord): MeanwhileError {
  const message =
    task.status === "queued"
      ? "The process that held this function ended before the function was started."
      : "The process that ran this task ended before the task did. Whether its work took effect is not known; look before starting it again.";
  return new MeanwhileError("INTERRUPTED", message);
}

function interruptedTooOften(task: TaskRecord): MeanwhileError {
  return new MeanwhileError(
    "INTERRUPTED",
    `The process that ran this task ended ${interruptions(task)} times before the task did, so it was not started again.`,
    { details: { interruptions: interruptions(task) } },
  );
}
