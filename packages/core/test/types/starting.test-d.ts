// biome-ignore-all lint/nursery/noFloatingPromises: nothing here is ever run
import { expectTypeOf } from "vitest";
import { z } from "zod";
import {
  type CommandOutput,
  command,
  type DownloadOutput,
  defineTask,
  download,
  type Session,
  type StartOptions,
  type TaskContext,
  type TaskDefinition,
  type TaskHandle,
} from "../../src/index.ts";

declare const session: Session;

// A definition's schema types what `start` takes, what `run` gets and what the handle gives.
const research = defineTask({
  name: "research",
  description: "Looks something up.",
  input: z.object({ topic: z.string(), depth: z.number().default(1) }),
  run: async ({ topic, depth }, context) => {
    expectTypeOf(topic).toEqualTypeOf<string>();
    expectTypeOf(depth).toEqualTypeOf<number>();
    expectTypeOf(context).toEqualTypeOf<TaskContext>();
    return { pages: depth, found: [topic] };
  },
});
type Found = { pages: number; found: string[] };
expectTypeOf(session.start(research, { topic: "tides" })).resolves.toEqualTypeOf<
  TaskHandle<Found>
>();
session.start(research, { topic: "tides", depth: 2 }, { title: "tides" });
// @ts-expect-error the topic is missing
session.start(research, {});
// @ts-expect-error a topic is a text
session.start(research, { topic: 5 });
// @ts-expect-error nobody knows this field
session.start(research, { topic: "tides", deep: true });
// @ts-expect-error an input is needed
session.start(research);

// Where a schema transforms, `start` takes what goes in and `run` gets what comes out.
const reminder = defineTask({
  name: "reminder",
  description: "Reminds.",
  input: z.object({
    at: z.iso.datetime().transform((text) => new Date(text)),
    tags: z.string().transform((text) => text.split(",")),
  }),
  admit: ({ at }, { session: id, commands }) => {
    expectTypeOf(at).toEqualTypeOf<Date>();
    expectTypeOf(id).toEqualTypeOf<string>();
    void commands.decide;
  },
  title: ({ at }) => {
    expectTypeOf(at).toEqualTypeOf<string>();
    return at;
  },
  recover: ({ at }) => {
    expectTypeOf(at).toEqualTypeOf<Date>();
    return at.getTime();
  },
  run: ({ at, tags }) => {
    expectTypeOf(at).toEqualTypeOf<Date>();
    expectTypeOf(tags).toEqualTypeOf<string[]>();
    return at.getTime();
  },
});
expectTypeOf(reminder).toEqualTypeOf<
  TaskDefinition<{ at: string; tags: string }, number, { at: Date; tags: string[] }>
>();
expectTypeOf(
  session.start(reminder, { at: "2030-01-01T00:00:00Z", tags: "a,b" }),
).resolves.toEqualTypeOf<TaskHandle<number>>();
// @ts-expect-error what goes in is a text
session.start(reminder, { at: new Date(), tags: "a" });

// A schema that checks asynchronously has the same types.
const claimName = defineTask({
  name: "claim_name",
  description: "Claims a name.",
  input: z.object({ name: z.string() }).refine(async ({ name }) => name !== ""),
  run: ({ name }) => name,
});
expectTypeOf(session.start(claimName, { name: "a" })).resolves.toEqualTypeOf<TaskHandle<string>>();

// A JSON Schema says nothing to TypeScript; the parameter of `run` does.
const add = defineTask({
  name: "add",
  description: "Adds.",
  input: { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
  run: async ({ a }: { a: number }) => a + 1,
});
expectTypeOf(session.start(add, { a: 1 })).resolves.toEqualTypeOf<TaskHandle<number>>();
// @ts-expect-error `a` is a number
session.start(add, { a: "1" });
const loose = defineTask({
  name: "loose",
  description: "Takes anything.",
  input: { type: "object" },
  run: (input) => Object.keys(input),
});
expectTypeOf(session.start(loose, { any: "thing" })).resolves.toEqualTypeOf<TaskHandle<string[]>>();

// The built-in definitions.
expectTypeOf(session.start(command, { argv: ["npm", "test"], cwd: "app" })).resolves.toEqualTypeOf<
  TaskHandle<CommandOutput>
>();
// @ts-expect-error argv is a list
session.start(command, { argv: "npm test" });
expectTypeOf(
  session.start(download, { url: "https://example.com/a", path: "a" }),
).resolves.toEqualTypeOf<TaskHandle<DownloadOutput>>();

// A closure gives what it gives, awaited.
expectTypeOf(session.start(() => 42)).resolves.toEqualTypeOf<TaskHandle<number>>();
expectTypeOf(session.start(async () => "text")).resolves.toEqualTypeOf<TaskHandle<string>>();
expectTypeOf(session.start(async (context) => context.task.attempt)).resolves.toEqualTypeOf<
  TaskHandle<number>
>();
expectTypeOf(
  session.start(() => Promise.resolve(Promise.resolve({ deep: true })), { title: "deep" }),
).resolves.toEqualTypeOf<TaskHandle<{ deep: boolean }>>();
expectTypeOf(session.start(() => {})).resolves.toEqualTypeOf<TaskHandle<void>>();
expectTypeOf(session.start(() => Promise.reject(new Error()))).resolves.toEqualTypeOf<
  TaskHandle<never>
>();
declare const either: (() => number) | (() => Promise<string>);
expectTypeOf(session.start(either)).resolves.toEqualTypeOf<TaskHandle<number | string>>();
// @ts-expect-error what a closure gets is a context
session.start((context: number) => context);

// Options are exactly these.
expectTypeOf<keyof StartOptions>().toEqualTypeOf<
  "title" | "priority" | "delayMs" | "idempotencyKey" | "timeoutMs" | "notify" | "after"
>();
// @ts-expect-error a word that nobody reads
session.start(() => 1, { delay: 5 });
// @ts-expect-error a delay is a number of milliseconds
session.start(() => 1, { delayMs: "5s" });
// @ts-expect-error one of three words
session.start(() => 1, { notify: "sometimes" });
// @ts-expect-error ids, not handles
session.start(() => 1, { after: [{ id: "t_1" }] });

// What `defineTask` refuses.
const good = { name: "x", description: "x", input: z.object({}), run: () => 1 };
defineTask(good);
// @ts-expect-error there is no such way to recover
defineTask({ ...good, recover: "always" });
// @ts-expect-error milliseconds
defineTask({ ...good, timeoutMs: "10s" });
// @ts-expect-error attempts are needed
defineTask({ ...good, retry: { delayMs: 5 } });
// @ts-expect-error a word that nobody reads
defineTask({ ...good, timeout: 5 });
defineTask({
  ...good,
  // @ts-expect-error almost a Standard Schema: its version is not 1
  input: { "~standard": { version: 2, vendor: "test", validate: (value: unknown) => ({ value }) } },
});
