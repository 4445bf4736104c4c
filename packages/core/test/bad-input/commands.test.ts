import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type BackgroundManager,
  command,
  commandPolicy,
  MeanwhileError,
  type Session,
} from "../../src/index.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let manager: BackgroundManager;
let session: Session;

beforeEach(async () => {
  world = await createWorld();
  mkdirSync(join(world.directory, "workspace"));
  writeFileSync(join(world.directory, "workspace", "file"), "");
  manager = world.manager({
    tasks: [command],
    commands: commandPolicy({
      root: join(world.directory, "workspace"),
      commands: {
        echo: { arguments: "any" },
        ls: { arguments: { flags: { "-l": "none" }, positionals: { kind: "path" } } },
        "no-such-program": { arguments: "any" },
      },
    }),
  });
  session = manager.session("s");
});
afterEach(() => world[Symbol.asyncDispose]());

const refused: readonly (readonly [string, object, string, RegExp])[] = [
  ["no argv", {}, "INVALID_INPUT", /argv/],
  ["an empty argv", { argv: [] }, "INVALID_INPUT", /argv/],
  ["an empty program", { argv: [""] }, "INVALID_INPUT", /argv\[0\], the program, is empty/],
  ["a text as argv", { argv: "echo hello" }, "INVALID_INPUT", /argv/],
  ["a number in argv", { argv: ["echo", 5] }, "INVALID_INPUT", /argv/],
  ["a NUL in an argument", { argv: ["echo", "a\0b"] }, "INVALID_INPUT", /argv\[1\] contains a NUL/],
  ["half a surrogate pair", { argv: ["echo", "\ud800"] }, "INVALID_INPUT", /argv\[1\] .*surrogate/],
  [
    "an argument of 128 KiB",
    { argv: ["echo", "x".repeat(128 * 1024)] },
    "INVALID_INPUT",
    /argv\[1\] has 131072 bytes.*Write it to a file/,
  ],
  [
    "a million bytes of arguments",
    { argv: ["echo", ...Array(10).fill("x".repeat(100_500))] },
    "INVALID_INPUT",
    /more than the 1000000/,
  ],
  ["a NUL in a variable", { argv: ["echo"], env: { A: "\0" } }, "INVALID_INPUT", /env\.A .*NUL/],
  ["an odd stdin", { argv: ["echo"], stdin: "maybe" }, "INVALID_INPUT", /stdin/],
  ["a field that nobody knows", { argv: ["echo"], pty: true }, "INVALID_INPUT", /pty/],
  ["a shell that is true", { argv: ["echo"], shell: true }, "INVALID_INPUT", /shell/],
  [
    "argv and a line",
    { argv: ["echo"], shell: "echo" },
    "INVALID_INPUT",
    /argv or shell, not both/,
  ],
  ["an empty line", { shell: "" }, "INVALID_INPUT", /shell/],
  ["a NUL in a line", { shell: "echo \0" }, "INVALID_INPUT", /shell contains a NUL/],
  ["a line of 128 KiB", { shell: "x".repeat(131_072) }, "INVALID_INPUT", /Write it to a file/],
  ["a line where there is no shell", { shell: "echo hi" }, "COMMAND_REFUSED", /as argv/],
  ["a cwd that is missing", { argv: ["echo"], cwd: "gone" }, "INVALID_INPUT", /does not exist/],
  ["a cwd that is a file", { argv: ["echo"], cwd: "file" }, "INVALID_INPUT", /not a folder/],
  ["a cwd with a NUL", { argv: ["echo"], cwd: "a\0" }, "INVALID_INPUT", /cwd contains a NUL/],
  ["a cwd outside", { argv: ["echo"], cwd: "../.." }, "COMMAND_REFUSED", /outside the workspace/],
  ["a program nobody allowed", { argv: ["rm", "-rf", "/"] }, "COMMAND_REFUSED", /Allowed: echo/],
  ["a program that is missing", { argv: ["no-such-program"] }, "COMMAND_REFUSED", /not installed/],
  [
    "an unknown flag",
    { argv: ["ls", "-R"] },
    "COMMAND_REFUSED",
    /"-R" is not .*Allowed: ls \[-l\]/,
  ],
  ["a path outside", { argv: ["ls", "/etc"] }, "COMMAND_REFUSED", /"\/etc" is outside the work/],
  ["an unseen character", { argv: ["echo", "\u202e"] }, "COMMAND_REFUSED", /invisible characters/],
  ["a path as program", { argv: ["/bin/echo"] }, "COMMAND_REFUSED", /is not allowed/],
];

describe.each(refused)("a command with %s", (_what, input, code, message) => {
  test(`is refused with ${code}, nothing stored, nothing run`, async () => {
    const started: unknown[] = [];
    manager.on("task-queued", (event) => started.push(event));
    await expect(session.start(command, input as never)).rejects.toMatchObject({
      name: "MeanwhileError",
      code,
      message: expect.stringMatching(message),
    });
    expect(await session.list()).toEqual([]);
    expect(started).toEqual([]);
    const [tool] = session.tools();
    const answer = await tool?.call(input);
    expect(answer).toMatchObject({ isError: true });
    expect(answer?.text).toMatch(new RegExp(`^Error \\(${code}\\): `));
    // A model is not told at length what it said itself.
    expect(answer?.text.length).toBeLessThan(2_000);
  });
});

test("a program that is removed between start and run is a failed task", async () => {
  const other = world.manager({
    tasks: [command],
    commands: {
      decide: ({ argv = [] }) => ({
        decision: "allow",
        grant: {
          executable: join(world.directory, "never-there"),
          argv,
          cwd: world.directory,
          env: {},
        },
      }),
    },
  });
  const task = await other.session("s").start(command, { argv: ["never-there"] });
  await expect(task.result()).rejects.toMatchObject({
    name: "MeanwhileError",
    code: "SPAWN",
    message: expect.stringMatching(/never-there does not exist/),
  });
});

test.each([
  ["throws", () => Promise.reject(new Error("policy is down")), /policy is down/],
  ["throws one of ours", () => Promise.reject(new MeanwhileError("ERROR", "no")), /^no$/],
  ["decides nothing", () => undefined, /./],
])("a policy that %s refuses the start with nothing stored", async (_how, decide, message) => {
  const other = world.manager({ tasks: [command], commands: { decide: decide as never } });
  const start = other.session("p").start(command, { argv: ["echo"] });
  await expect(start).rejects.toMatchObject({
    name: "MeanwhileError",
    message: expect.stringMatching(message),
  });
  expect(await other.session("p").list()).toEqual([]);
});

test("without a policy every command is refused, and the refusal says what to set", async () => {
  const bare = world.manager({ tasks: [command] });
  await expect(bare.session("b").start(command, { argv: ["echo"] })).rejects.toMatchObject({
    code: "COMMAND_REFUSED",
    message: expect.stringMatching(/commands: commandPolicy/),
  });
});
