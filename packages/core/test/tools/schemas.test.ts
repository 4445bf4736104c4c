import { expect, test } from "vitest";
import { z } from "zod";
import { command, defineTask, download, MeanwhileError } from "../../src/index.ts";
import { createWorld } from "../support/world.ts";

const research = defineTask({
  name: "research",
  description: "Researches a topic.",
  input: z.object({ topic: z.string() }),
  run: ({ topic }) => topic,
});
const constant = [
  "list_tasks",
  "read_task",
  "wait_for_task",
  "send_to_task",
  "watch_task",
  "cancel_task",
];

test("names, order and schemas are the same on each call, in each session and in each manager", async () => {
  await using world = await createWorld();
  const tasks = [command, download, research];
  const shape = (options?: object): string =>
    JSON.stringify(world.manager({ tasks }).session(String(Math.random())).tools(options));
  const first = shape();
  const session = world.manager({ tasks }).session("chat");
  expect(JSON.stringify(session.tools())).toBe(first);
  await session.start(research, { topic: "tides" });
  expect(JSON.stringify(session.tools())).toBe(first);
  expect(JSON.stringify(session.tools({ graceMs: 1_000 }))).toBe(first);
  expect(shape()).toBe(first);
  expect(session.tools().map(({ name }) => name)).toEqual([
    "run_command",
    "download",
    "research",
    ...constant,
  ]);
});

test("all that a model is shown of the built-in tools is short", async () => {
  await using world = await createWorld();
  const tools = world
    .manager({ tasks: [command, download] })
    .session("chat")
    .tools();
  const shown = tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    input_schema: inputSchema,
  }));
  // Some four characters are a token: 1,100 of them at most.
  expect(JSON.stringify(shown).length).toBeLessThan(4_400);
  expect(shown.map((tool) => [tool.name, JSON.stringify(tool).length])).toMatchSnapshot();
});

test("the descriptions tell a model to go on and not to poll", async () => {
  await using world = await createWorld();
  const [tool] = world
    .manager({ tasks: [research] })
    .session("chat")
    .tools();
  expect(tool?.description).toMatch(/background/);
  expect(tool?.description).toMatch(/do not poll/);
});

test("each input schema of the built-in tools is an object's, with its properties and nothing else", async () => {
  await using world = await createWorld();
  const tools = world
    .manager({ tasks: [command, download] })
    .session("chat")
    .tools();
  for (const { name, inputSchema } of tools) {
    expect(inputSchema, name).toMatchObject({ type: "object", additionalProperties: false });
    expect(inputSchema["$schema"], name).toBe(undefined);
  }
});

test("definitions may be chosen, one at a time, and may not take the name of a constant tool", async () => {
  await using world = await createWorld();
  const session = world.manager({ tasks: [command, research] }).session("chat");
  const names = session.tools({ definitions: [research] }).map(({ name }) => name);
  expect(names).toEqual(["research", ...constant]);
  expect(session.tools({ definitions: [] }).map(({ name }) => name)).toEqual(constant);
  const clash = defineTask({
    name: "mine",
    toolName: "read_task",
    description: "Clashes.",
    input: { type: "object" },
    run: () => 1,
  });
  expect(() => session.tools({ definitions: [clash] })).toThrow(MeanwhileError);
  expect(() => session.tools({ definitions: [research, research] })).toThrow(MeanwhileError);
  for (const graceMs of [-1, Number.NaN]) {
    expect(() => session.tools({ graceMs })).toThrow(MeanwhileError);
  }
});
