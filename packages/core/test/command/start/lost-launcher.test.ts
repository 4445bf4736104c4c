import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { command } from "../../../src/command/definition.ts";
import { anyCommand } from "../any-command.ts";
import { fakeTask, fastClock } from "../fake-task.ts";
import { findLaunchers, signalLaunchers } from "./find-launchers.ts";

const commands = anyCommand(`lost-launcher-${process.pid}`);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-lost-launcher-"));
});

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
  expect(await commands.endSurvivors()).toEqual([]);
});

it("is replaced when it is killed, and all like it; nothing is lost, and nothing started twice", async () => {
  const log = join(scratch, "log");
  await appendFile(log, "");
  let kills = 0;
  let ended = 0;
  const all = Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      await using task = await fakeTask({ commands });
      const argv = ["sh", "-c", `echo ${index} >>"$0"; echo on; exit ${index + 1}`, log];
      const result = await Promise.resolve(command.run({ argv }, task.context)).catch((e) => e);
      expect(result).toMatchObject({ code: "EXIT_CODE", details: { exitCode: index + 1 } });
      expect(await task.output()).toBe("on\n");
      ended += 1;
    }),
  );
  // At once, and again whenever some more have ended.
  for (let next = 0; ended < 60; ) {
    await new Promise(setImmediate);
    if (ended < next || signalLaunchers("SIGKILL").length === 0) continue;
    kills += 1;
    next = ended + 6;
  }
  await all;
  expect(kills).toBeGreaterThan(1);
  const lines = (await readFile(log, "utf8")).trim().split("\n").map(Number);
  expect(lines.sort((one, other) => one - other)).toEqual(Array.from({ length: 60 }, (_, i) => i));
});

it("is killed and replaced when it does not get on", async () => {
  await using first = await fakeTask({ commands });
  await command.run({ argv: ["true"] }, first.context);
  const stuck = signalLaunchers("SIGSTOP");
  await using task = await fakeTask({ commands, clock: fastClock(20) });
  expect(await command.run({ argv: ["echo", "on"] }, task.context)).toMatchObject({ exitCode: 0 });
  expect(await task.output()).toBe("on\n");
  for (const pid of findLaunchers()) if (stuck.includes(pid)) process.kill(pid, "SIGKILL");
});
