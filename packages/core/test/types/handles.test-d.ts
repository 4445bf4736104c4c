// biome-ignore-all lint/nursery/noFloatingPromises: nothing here is ever run
import { expectTypeOf } from "vitest";
import { z } from "zod";
import {
  BackgroundManager,
  type Delivery,
  defineTask,
  type JsonSchema,
  type ManagerEvent,
  type ManagerEventName,
  type ManagerOptions,
  MeanwhileError,
  type Notification,
  type NotificationQueue,
  type OutputChunk,
  type Session,
  type TaskError,
  type TaskEvent,
  type TaskHandle,
  type TaskSnapshot,
  type TaskStatus,
  type Tool,
} from "../../src/index.ts";

declare const session: Session;
declare const manager: BackgroundManager;

// A handle.
declare const task: TaskHandle<{ pages: number }>;
expectTypeOf(task.result()).resolves.toEqualTypeOf<{ pages: number }>();
expectTypeOf(task.result({ signal: new AbortController().signal })).resolves.toBeObject();
expectTypeOf(task.snapshot()).resolves.toEqualTypeOf<TaskSnapshot<{ pages: number }>>();
expectTypeOf(task.cancel("reason")).resolves.toEqualTypeOf<boolean>();
expectTypeOf(task.output({ after: 0, maxBytes: 65_536 })).resolves.toEqualTypeOf<OutputChunk>();
expectTypeOf(task.send("text")).resolves.toEqualTypeOf<void>();
expectTypeOf(task.events()).toEqualTypeOf<AsyncIterable<TaskEvent>>();
expectTypeOf(task).toExtend<TaskHandle>();
// @ts-expect-error a handle cannot be made to be of another task
task.id = "t_other";
// @ts-expect-error bytes are for `write`, inside the task
task.send(new Uint8Array());

async function readSnapshot({ status, output, error, progress }: TaskSnapshot<number>) {
  expectTypeOf(status).toEqualTypeOf<TaskStatus>();
  expectTypeOf(output).toEqualTypeOf<number | undefined>();
  expectTypeOf(error).toEqualTypeOf<TaskError | null>();
  expectTypeOf(progress?.completed).toEqualTypeOf<number | undefined>();
  // @ts-expect-error not a status
  return status === "done";
}
void readSnapshot;

// A session.
expectTypeOf(session.list()).resolves.toEqualTypeOf<readonly TaskSnapshot[]>();
session.list({ status: ["running", "queued"], limit: 5, after: "t_1" });
// @ts-expect-error not a status
session.list({ status: ["done"] });
expectTypeOf(session.get("t_1")).resolves.toEqualTypeOf<TaskHandle>();
expectTypeOf(session.get<number>("t_1")).resolves.toEqualTypeOf<TaskHandle<number>>();
expectTypeOf(session.cancel("t_1", "reason")).resolves.toEqualTypeOf<boolean>();
expectTypeOf(session.turn(async ({ signal }) => signal.aborted)).resolves.toEqualTypeOf<boolean>();
expectTypeOf(session.turn(() => 5)).resolves.toEqualTypeOf<number>();
expectTypeOf(session.describe({ maxChars: 500 })).resolves.toEqualTypeOf<string>();
expectTypeOf(session.notifications).toEqualTypeOf<NotificationQueue>();

// Notifications.
const { notifications } = session;
expectTypeOf(
  notifications.receive({ limit: 20, maxChars: 8_000 }),
).resolves.toEqualTypeOf<Delivery>();
expectTypeOf(notifications.drain(async (delivery) => delivery.text)).resolves.toEqualTypeOf<
  string | undefined
>();
expectTypeOf(notifications.pending()).toEqualTypeOf<number>();
expectTypeOf(notifications.wait({ timeoutMs: 5 })).resolves.toEqualTypeOf<boolean>();
expectTypeOf(notifications.subscribe).parameter(0).parameter(0).toEqualTypeOf<Notification>();
expectTypeOf(notifications.subscribe(() => {})).toEqualTypeOf<() => void>();
expectTypeOf(notifications).toExtend<AsyncIterable<Delivery>>();
expectTypeOf<keyof Notification>().toEqualTypeOf<
  "id" | "taskId" | "session" | "kind" | "title" | "status" | "error" | "createdAt" | "deliveries"
>();
expectTypeOf<Notification["kind"]>().toEqualTypeOf<
  "completed" | "failed" | "cancelled" | "progress" | "match" | "message"
>();

// Tools.
const tools = session.tools({ graceMs: 0 });
expectTypeOf(tools).toEqualTypeOf<Tool[]>();
declare const tool: Tool;
expectTypeOf(tool.inputSchema).toEqualTypeOf<JsonSchema>();
expectTypeOf(tool.execute({ any: "thing" })).resolves.toEqualTypeOf<string>();
tool.execute({}, { signal: new AbortController().signal });
// @ts-expect-error definitions, not names
session.tools({ definitions: ["research"] });

// Events, by name.
manager.on("task-end", (event) => {
  expectTypeOf(event.status).toEqualTypeOf<"completed" | "failed" | "cancelled">();
  expectTypeOf(event.error).toEqualTypeOf<TaskError | null>();
  // @ts-expect-error that is said of another event
  void event.delayMs;
});
manager.on("task-retry", ({ attempt, delayMs, error }) => {
  expectTypeOf(attempt).toEqualTypeOf<number>();
  expectTypeOf(delayMs).toEqualTypeOf<number>();
  expectTypeOf(error).toEqualTypeOf<TaskError>();
});
manager.on("notification", ({ notification }) => {
  expectTypeOf(notification).toEqualTypeOf<Notification>();
});
expectTypeOf(manager.on("lease-lost", () => {})).toEqualTypeOf<() => void>();
// @ts-expect-error there is no such event
manager.on("task-done", () => {});
expectTypeOf<ManagerEvent["type"]>().toEqualTypeOf<ManagerEventName>();
expectTypeOf<TaskEvent>().toExtend<ManagerEvent>();

// A wake.
manager.onWake(
  async ({ session: woken, signal }) => {
    expectTypeOf(woken).toEqualTypeOf<Session>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
  },
  { debounceMs: 5, policy: "failure" },
);
// @ts-expect-error one of two words
manager.onWake(() => {}, { policy: "never" });

// The manager's options take definitions of any types together.
const parsed = defineTask({
  name: "parsed",
  description: "x",
  input: z.object({ at: z.string().transform(Number) }),
  run: ({ at }) => at,
});
const plain = defineTask({
  name: "plain",
  description: "x",
  input: { type: "object" },
  run: (input: { a: string }) => input.a,
});
const manager2 = new BackgroundManager({ tasks: [parsed, plain] });
manager2.session("s").tools({ definitions: [parsed, plain] });
// @ts-expect-error a definition has a `run`
new BackgroundManager({ tasks: [{ name: "x", description: "x", input: {} }] });
// @ts-expect-error a word that nobody reads
new BackgroundManager({ concurrency: 5 });
// @ts-expect-error texts: a pattern could be matched past the end of a chunk
new BackgroundManager({ redact: [/secret/] });
expectTypeOf<keyof ManagerOptions>().toEqualTypeOf<
  | "store"
  | "tasks"
  | "commands"
  | "limits"
  | "directory"
  | "retention"
  | "outputBytes"
  | "redact"
  | "stall"
  | "owner"
  | "leaseMs"
  | "clock"
  | "random"
  | "dispatcher"
>();
expectTypeOf(manager.close({ running: "leave" })).resolves.toEqualTypeOf<void>();
// @ts-expect-error one of three words
manager.close({ running: "later" });
expectTypeOf(manager).toExtend<AsyncDisposable>();

// Errors.
declare const thrown: unknown;
if (MeanwhileError.isInstance(thrown)) {
  expectTypeOf(thrown).toEqualTypeOf<MeanwhileError>();
  // @ts-expect-error there is no such code
  void (thrown.code === "NOPE");
}
if (MeanwhileError.isInstance(thrown, "QUEUE_FULL")) void thrown.details?.["limit"];
// @ts-expect-error there is no such code
new MeanwhileError("NOPE", "message");
