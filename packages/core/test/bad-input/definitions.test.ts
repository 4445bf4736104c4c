import { describe, expect, test } from "vitest";
import { type AnyDefinition, BackgroundManager, defineTask } from "../../src/index.ts";

const good: AnyDefinition = {
  name: "good",
  description: "Does nothing.",
  input: { type: "object" },
  run: () => {},
};

const odd: readonly (readonly [string, object, RegExp])[] = [
  ["an empty name", { name: "" }, /1 to 64 letters, digits, "_" or "-"/],
  ["no name", { name: undefined }, /got undefined/],
  ["a name that is a number", { name: 5 }, /got 5/],
  ["a name that is a BigInt", { name: 5n }, /got 5/],
  ["a name that is an object", { name: {} }, /got an object/],
  ["a name with a space", { name: "two words" }, /got "two words"/],
  ["a name with a NUL", { name: "a\0b" }, /got "a\\u0000b"/],
  ["a name with look-alike letters", { name: "gооd" }, /must be 1 to 64/],
  ["a name that begins with a digit", { name: "1st" }, /begin with a letter/],
  ["a name of 65 letters", { name: "n".repeat(65) }, /1 to 64/],
  ["the name __proto__", { name: "__proto__" }, /got "__proto__"/],
  ["the name of closures", { name: "function" }, /"function" is the name of closures/],
  ["an odd toolName", { toolName: "run command" }, /got "run command"/],
  ["no run", { run: undefined }, /"good" has no run function/],
  ["a run that is a text", { run: "rm" }, /no run function/],
  ["no description", { description: undefined }, /no description/],
  ["no input schema", { input: undefined }, /no input schema/],
  [
    "a schema that cannot be compiled",
    { input: { type: "strnig" } },
    /at .type, must name one of string/,
  ],
  ["an unknown way to recover", { recover: "always" }, /recover must be "fail", "restart"/],
  ["a title that is no function", { title: "Good" }, /title must be a function/],
  ["an admit that is no function", { admit: true }, /admit must be a function/],
  ["a negative timeout", { timeoutMs: -1 }, /timeoutMs must be a finite number .* got -1/],
  ["a timeout of 0", { timeoutMs: 0 }, /at least 1; got 0/],
  ["a timeout that is NaN", { timeoutMs: Number.NaN }, /got NaN/],
  ["a timeout that is a text", { timeoutMs: "10s" }, /got "10s"/],
  ["an endless grace", { stopGraceMs: Number.POSITIVE_INFINITY }, /stopGraceMs .* got Infinity/],
  ["retry that is a number", { retry: 3 }, /retry must be an object with attempts/],
  ["retry that is null", { retry: null }, /retry must be an object with attempts/],
  ["retry without attempts", { retry: {} }, /retry\.attempts must be a whole number/],
  ["no attempts at all", { retry: { attempts: 0 } }, /retry\.attempts .* at least 1; got 0/],
  ["half an attempt", { retry: { attempts: 1.5 } }, /got 1\.5/],
  ["endless attempts", { retry: { attempts: Number.POSITIVE_INFINITY } }, /got Infinity/],
  ["a negative delay", { retry: { attempts: 2, delayMs: -5 } }, /retry\.delayMs .* got -5/],
  ["a shrinking delay", { retry: { attempts: 2, backoff: 0.5 } }, /backoff .* at least 1/],
];

describe.each(odd)("a definition with %s", (_what, part, message) => {
  const definition = { ...good, ...part } as AnyDefinition;
  const refused = expect.objectContaining({
    name: "MeanwhileError",
    code: "INVALID_DEFINITION",
    message: expect.stringMatching(message),
  });

  test("is refused by defineTask", () => {
    expect(() => defineTask(definition as never)).toThrow(refused);
  });

  test("is refused by the constructor", () => {
    expect(() => new BackgroundManager({ tasks: [definition] })).toThrow(refused);
  });

  test("is refused by start, with nothing stored", async () => {
    await using manager = new BackgroundManager();
    const session = manager.session("s");
    await expect(session.start(definition, {})).rejects.toThrow(refused);
    expect(await session.list()).toEqual([]);
  });
});

const invalid = expect.objectContaining({ code: "INVALID_DEFINITION" });

test.each([undefined, null, "good", 5])("%s is no definition", async (nothing) => {
  expect(() => defineTask(nothing as never)).toThrow(invalid);
  expect(() => new BackgroundManager({ tasks: [nothing as never] })).toThrow(invalid);
  await using manager = new BackgroundManager();
  await expect(manager.session("s").start(nothing as never, {})).rejects.toThrow(invalid);
});

test("tasks must be a list", () => {
  expect(() => new BackgroundManager({ tasks: good as never })).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringMatching(/list/) }),
  );
});

test("two definitions of one name are refused, the same one twice included", () => {
  const twin = { ...good };
  for (const tasks of [
    [good, twin],
    [good, good],
    [good, { ...good, name: "other", toolName: "good" }],
  ]) {
    expect(() => new BackgroundManager({ tasks })).toThrow(
      expect.objectContaining({
        code: "INVALID_DEFINITION",
        message: expect.stringMatching(/Two definitions are named "good".*rename one/),
      }),
    );
  }
});

test("a second definition of a known name is refused by start, and the first goes on", async () => {
  await using manager = new BackgroundManager({ tasks: [good] });
  const session = manager.session("s");
  await expect(session.start({ ...good }, {})).rejects.toThrow(
    expect.objectContaining({
      code: "INVALID_DEFINITION",
      message: expect.stringMatching(/another definition named "good"/),
    }),
  );
  await (await session.start(good, {})).result();
});

test.each([
  "list_tasks",
  "read_task",
  "wait_for_task",
  "send_to_task",
  "watch_task",
  "cancel_task",
])("a definition cannot be the tool %s", async (name) => {
  await using manager = new BackgroundManager();
  const session = manager.session("s");
  for (const definition of [
    { ...good, name },
    { ...good, toolName: name },
  ]) {
    expect(() => session.tools({ definitions: [definition] })).toThrow(
      expect.objectContaining({
        code: "INVALID_DEFINITION",
        message: expect.stringMatching(/Give it another name or toolName/),
      }),
    );
  }
});

test("two definitions cannot be one tool, and what is none cannot be a tool", async () => {
  await using manager = new BackgroundManager();
  const session = manager.session("s");
  const other = { ...good, name: "other", toolName: "good" };
  expect(() => session.tools({ definitions: [good, other] })).toThrow(invalid);
  expect(() => session.tools({ definitions: [null as never] })).toThrow(invalid);
  expect(() => session.tools({ definitions: good as never })).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION" }),
  );
});

test("a title that throws, or gives no text, refuses the start and leaves no slot taken", async () => {
  await using manager = new BackgroundManager({ limits: { concurrency: 1 } });
  const session = manager.session("s");
  const titles: readonly (readonly [() => unknown, RegExp])[] = [
    [
      () => {
        throw new Error("no title today");
      },
      /no title today/,
    ],
    [() => undefined, /gave undefined/],
    [() => 5, /gave 5/],
  ];
  for (const [index, [title, message]] of titles.entries()) {
    const definition = { ...good, name: `titled${index}`, title } as AnyDefinition;
    await expect(session.start(definition, {})).rejects.toMatchObject({
      name: "MeanwhileError",
      code: "INVALID_DEFINITION",
      message: expect.stringMatching(message),
    });
  }
  expect(await session.list()).toEqual([]);
  expect(await (await session.start(() => "ran")).result()).toBe("ran");
});
