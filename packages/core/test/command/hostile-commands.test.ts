import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { command } from "../../src/command/definition.ts";
import { MeanwhileError } from "../../src/errors.ts";
import { anyCommand } from "./any-command.ts";
import { fakeTask, fastClock } from "./fake-task.ts";
import { hostileCases } from "./policy/hostile-cases.ts";

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
  const literal = hostileCases.filter((each) => each.expect.argv.startsWith("literal"));
  it.each(literal.map((each) => [each.id, each.note, each] as const))(
    "%s (%s) stays text",
    async (_, __, { argv }) => {
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

  const refused = hostileCases.filter((each) => each.expect.argv.startsWith("reject"));
  it.each(refused.map((each) => [each.id, each.note, each] as const))(
    "%s (%s) is refused before anything is started",
    async (_, __, { argv }) => {
      await using task = await fakeTask({ commands });
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
