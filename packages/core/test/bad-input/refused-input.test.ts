import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type AnyDefinition, BackgroundManager, defineTask } from "../../src/index.ts";

const run = (): void => {};
const text = "Does nothing.";
const withSchema = (input: unknown): AnyDefinition =>
  defineTask({ name: "job", description: text, input, run } as never);

const topic = withSchema(
  z.object({ topic: z.string().min(1), depth: z.number().int().optional() }),
);
const jsonTopic = withSchema({
  type: "object",
  properties: { topic: { type: "string", minLength: 1 }, depth: { type: "integer" } },
  required: ["topic"],
  additionalProperties: false,
});
const standard = (validate: (value: unknown) => unknown): AnyDefinition =>
  withSchema({ "~standard": { version: 1, vendor: "test", validate } });

class Point {
  readonly x = 1;
}
const cycle: { self?: unknown } = {};
cycle.self = cycle;
const anything = withSchema({});

const refused: readonly (readonly [string, AnyDefinition, unknown, RegExp])[] = [
  ["what zod refuses", topic, { topic: "" }, /topic: .*Correct it and try again/],
  ["what zod refuses in depth", topic, { topic: "a", depth: 1.5 }, /depth: /],
  ["nothing, where zod wants an object", topic, undefined, /expected object/],
  ["what a JSON Schema refuses", jsonTopic, { topic: 5 }, /topic: must be a string/],
  ["what a JSON Schema does not know", jsonTopic, { topic: "a", other: 1 }, /other/],
  [
    "what an asynchronous refinement refuses",
    withSchema(z.object({ free: z.string() }).refine(async () => false, "is taken")),
    { free: "name" },
    /is taken/,
  ],
  [
    "what a schema throws on",
    standard(() => {
      throw new Error("broken schema");
    }),
    {},
    /the schema threw an error/,
  ],
  ["what a schema rejects on", standard(() => Promise.reject("no")), {}, /the schema threw/],
  ["what a schema says nothing about", standard(() => undefined), {}, /the schema threw an error/],
  [
    "what an asynchronous schema rejects on",
    standard(() => Promise.reject(new Error("no"))),
    "a",
    /the schema threw an error/,
  ],
  ["a BigInt", anything, { big: 1n }, /big is a BigInt; give it as a string/],
  ["a cycle", anything, cycle, /self refers back to an object that holds it/],
  ["a Map", anything, new Map(), /is a Map; give Object\.fromEntries/],
  ["a function", anything, { call: run }, /call is a function/],
  ["a symbol", anything, { mark: Symbol("s") }, /mark is a symbol/],
  ["an instance of a class", anything, new Point(), /an instance of Point/],
  ["bytes", anything, { bytes: new Uint8Array(1) }, /binary data/],
  ["NaN", anything, [Number.NaN], /0 is NaN/],
  ["an invalid Date", anything, { at: new Date(Number.NaN) }, /at is an invalid Date/],
  ["more than 1 MiB", anything, "x".repeat(1024 * 1024), /larger than 1048576 bytes/],
  [
    "a getter that throws",
    anything,
    {
      get boom(): never {
        throw new Error("boom");
      },
    },
    /reading it as JSON threw/,
  ],
];

describe.each(refused)("%s", (_what, definition, input, message) => {
  test("is refused with INVALID_INPUT, with nothing stored and nothing run", async () => {
    await using manager = new BackgroundManager({ limits: { concurrency: 1 } });
    const seen: string[] = [];
    manager.on("task-queued", (event) => seen.push(event.type));
    manager.on("task-start", (event) => seen.push(event.type));
    const session = manager.session("s");
    await expect(session.start(definition, input)).rejects.toMatchObject({
      name: "MeanwhileError",
      code: "INVALID_INPUT",
      message: expect.stringMatching(message),
    });
    expect(await session.list()).toEqual([]);
    expect(seen).toEqual([]);
    // The only slot is still free.
    expect(await (await session.start(() => "ran")).result()).toBe("ran");
  });

  test("is answered by the tool, which does not throw", async () => {
    await using manager = new BackgroundManager();
    const named = { ...definition, inputSchema: { type: "object" } };
    const [tool] = manager.session("s").tools({ definitions: [named] });
    // A model that gives nothing gives an empty object.
    const given = input ?? {};
    const answer = await tool?.call(given);
    expect(answer).toMatchObject({ isError: true });
    expect(answer?.text).toMatch(/^Error \(INVALID_INPUT\): /);
  });
});

test("what admit throws refuses the start, with the reason", async () => {
  await using manager = new BackgroundManager();
  const session = manager.session("s");
  const reason = new Error("not on Sundays");
  const definition = { ...anything, admit: () => Promise.reject(reason) };
  await expect(session.start(definition, {})).rejects.toMatchObject({
    name: "MeanwhileError",
    code: "INVALID_INPUT",
    message: expect.stringMatching(/not on Sundays/),
    cause: reason,
  });
  expect(await session.list()).toEqual([]);
});

test("input with half a surrogate pair, a NUL and __proto__ comes back as it was given", async () => {
  await using manager = new BackgroundManager();
  const session = manager.session("s");
  const input = JSON.parse('{"__proto__": {"polluted": true}, "text": "\\ud800\\u0000"}');
  const echo = defineTask({
    name: "echo",
    description: text,
    input: {},
    run: (given: unknown) => given,
  });
  const task = await session.start(echo, input);
  expect(JSON.stringify(await task.result())).toBe(JSON.stringify(input));
  expect(JSON.stringify((await task.snapshot()).input)).toBe(JSON.stringify(input));
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
