import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { command } from "../../src/command/definition.ts";
import { commandPolicy } from "../../src/command/policy/command-policy.ts";
import { MeanwhileError } from "../../src/errors.ts";
import { anyCommand } from "./any-command.ts";
import { fakeTask, fastClock } from "./fake-task.ts";

/** Texts may be spelled as parts, so that the file stays small. */
type Text = string | { $concat: readonly Text[] } | { $repeat: readonly [string, number] };

interface Case {
  readonly id: string;
  readonly note: string;
  readonly input: { readonly argv: readonly Text[]; readonly env?: Record<string, string> };
  readonly expect: { readonly argv: string; readonly allowlist: string };
}

const file = new URL("../fixtures/hostile-commands.json", import.meta.url);
const cases: readonly Case[] = JSON.parse(await readFile(file, "utf8"));
const commands = anyCommand(`hostile-${process.pid}`);
let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-hostile-"));
  await writeFile(join(scratch, "a.txt"), "a\n");
  // A glob would make flags of these names.
  await writeFile(join(scratch, "--context"), "");
  await writeFile(join(scratch, "-la"), "");
});

afterEach(() => rm(scratch, { recursive: true, force: true }));

afterAll(async () => {
  expect(await commands.endSurvivors()).toEqual([]);
});

describe("hostile arguments, really run", () => {
  const literal = cases.filter((each) => each.expect.argv.startsWith("literal"));
  it.each(literal.map((each) => [each.id, each.note, each] as const))(
    "%s (%s) stays text",
    async (_, __, { input }) => {
      const argv = input.argv.map(toText);
      await using task = await fakeTask({ commands });
      const before = await readdir(scratch);
      const result = await Promise.resolve(command.run({ argv, cwd: scratch }, task.context)).catch(
        (error: unknown) => error,
      );
      expect(await readdir(scratch)).toEqual(before);
      const [program, ...rest] = argv;
      if (program !== "echo") {
        expect(MeanwhileError.isInstance(result) || program === "cat" || program === "ls").toBe(
          true,
        );
        return;
      }
      expect(result).toMatchObject({ exitCode: 0 });
      expect(await task.output()).toBe(`${rest.join(" ")}\n`);
    },
  );

  const refused = cases.filter((each) => each.expect.argv.startsWith("reject"));
  it.each(refused.map((each) => [each.id, each.note, each] as const))(
    "%s (%s) is refused before anything is started",
    async (_, __, { input }) => {
      await using task = await fakeTask({ commands });
      const argv = input.argv.map(toText);
      await expect(command.run({ argv }, task.context)).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
      expect(await readdir(task.directory)).toEqual([]);
    },
  );
});

describe("hostile commands under supervision", () => {
  it("yes: the output stops at its cap, and a timeout ends it", async () => {
    await using task = await fakeTask({ commands, outputBytes: 100_000 });
    const running = Promise.resolve(command.run({ argv: ["yes"] }, task.context));
    while ((await task.output().catch(() => "")).length < 100_000);
    const reason = task.abort("TIMEOUT");
    await expect(running).rejects.toBe(reason);
    expect(await commands.survivors()).toEqual([]);
    expect((await task.output()).length).toBeLessThan(100_000 + 512);
  });

  it("sh that ignores TERM: KILL after the grace", async () => {
    await using task = await fakeTask({ commands, clock: fastClock(20) });
    const argv = ["sh", "-c", 'trap "" TERM; sleep 600'];
    const running = Promise.resolve(command.run({ argv }, task.context));
    while ((await commands.survivors()).every((text) => !/^\d+ sleep /.test(text)));
    const reason = task.abort("TIMEOUT");
    await expect(running).rejects.toBe(reason);
    expect(await commands.survivors()).toEqual([]);
  });
});

describe("hostile commands before a policy", () => {
  const denied = cases.filter(
    ({ expect: { allowlist } }) =>
      !allowlist.startsWith("allow") && !allowlist.includes("invisible/control"),
  );

  it.each(denied.map((each) => [each.id, each.note, each] as const))(
    "%s (%s) is refused",
    async (_, __, { input }) => {
      const root = join(scratch, "root");
      await mkdir(root);
      const policy = commandPolicy({
        root,
        commands: {
          echo: { arguments: "any" },
          ls: { arguments: [[], ["*"]] },
          cat: { arguments: [["a.txt"]] },
        },
      });
      const request = {
        argv: input.argv.map(toText),
        session: "session",
        ...(input.env === undefined ? {} : { env: input.env }),
      };
      const decision = await Promise.resolve(policy.decide(request)).catch(
        (error: unknown) => error,
      );
      if (MeanwhileError.isInstance(decision, "INVALID_INPUT")) return;
      expect(decision).toEqual({ allowed: false, reason: expect.stringContaining("llowed") });
    },
  );
});

function toText(text: Text): string {
  if (typeof text !== "object" || text === null) return text;
  if ("$concat" in text) return text.$concat.map(toText).join("");
  const [unit, times] = text.$repeat;
  return unit.repeat(times);
}
