import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { CommandCheckpoint } from "../../src/command/checkpoint.ts";
import { command } from "../../src/command/definition.ts";
import { createCgroup } from "../../src/command/end/cgroup.ts";
import { createLauncher, type Launcher } from "../../src/command/start/launcher.ts";
import { createRunFiles, openRunFiles } from "../../src/command/start/run-files.ts";
import { livingProcess, type ProcessEntry } from "../../src/proc/stat.ts";
import { anyCommand } from "./any-command.ts";
import { type FakeTask, fakeTask } from "./fake-task.ts";
import { startManager } from "./start-manager.ts";

const label = `recover-${process.pid}`;
const commands = anyCommand(label);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-recover-"));
});

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
  expect(await commands.endSurvivors()).toEqual([]);
});

/** Says what it is, waits for a line in the FIFO, and exits with the code in it. */
const waiting = 'echo ready; read code <"$0"; echo "got $code"; exit "$code"';

describe("after its manager was killed", () => {
  it("a live command is taken up again, and its true exit code reported", async () => {
    await using task = await fakeTask({ commands });
    const fifo = makeFifo();
    await killManagerOf(task, ["sh", "-c", waiting, fifo]);
    const next = task.next();
    const recovered = recover(next);
    await writeFile(fifo, "42\n");
    expect(await recovered).toMatchObject({ code: "EXIT_CODE", details: { exitCode: 42 } });
    expect(await next.output()).toBe("ready\ngot 42\n");
    expect(next.containment()).toBe(await strongest());
    expect(await runs(task)).toEqual(["run-1"]);
  });

  it("one that ended meanwhile is reported with its exit code and its whole output", async () => {
    await using task = await fakeTask({ commands });
    const fifo = makeFifo();
    await killManagerOf(task, ["sh", "-c", waiting, fifo]);
    await writeFile(fifo, "0\n");
    await commands.allGone();
    const next = task.next();
    const result = await recover(next);
    expect(result).toMatchObject({ exitCode: 0, outputBytes: 12, truncated: false });
    expect((result as { durationMs: number }).durationMs).toBeGreaterThan(0);
    expect(await next.output()).toBe("ready\ngot 0\n");
  });

  it("one that was killed with its wrapper is interrupted, and not run again", async () => {
    await using task = await fakeTask({ commands });
    await killManagerOf(task, ["sh", "-c", waiting, makeFifo()]);
    const survivors = await commands.survivors();
    expect(survivors).not.toEqual([]);
    process.kill(openRunFiles(task.directory, 1).claimant()?.pid as number, "SIGKILL");
    for (const survivor of survivors) process.kill(Number.parseInt(survivor, 10), "SIGKILL");
    await commands.allGone();
    expect(await recover(task.next())).toMatchObject({ code: "INTERRUPTED" });
    expect(await runs(task)).toEqual(["run-1"]);
  });

  it("its output is cut at the cap all the same", async () => {
    await using task = await fakeTask({ commands });
    const fifo = makeFifo();
    const script = 'echo ready; read code <"$0"; head -c 10000000 /dev/zero; exit "$code"';
    await killManagerOf(task, ["sh", "-c", script, fifo], 1_000);
    await writeFile(fifo, "9\n");
    await commands.allGone();
    const next = task.next({ outputBytes: 1_000 });
    expect(await recover(next)).toMatchObject({
      code: "EXIT_CODE",
      details: { exitCode: 9, outputBytes: 1_000, truncated: true },
    });
    expect(await next.output()).toHaveLength(1_000);
  });

  it("what an ended command left behind is ended by the next manager", async () => {
    await using task = await fakeTask({ commands });
    const fifo = makeFifo();
    const script = "trap '' TERM; sleep 600 >/dev/null 2>&1 & echo ready; read code <\"$0\"";
    await killManagerOf(task, ["sh", "-c", script, fifo]);
    await writeFile(fifo, "\n");
    const next = task.next();
    expect(await recover(next)).toMatchObject({ exitCode: 0 });
    await commands.allGone();
  });
});

describe("a process that only looks like the command", () => {
  it.each([
    ["of another start time", (startTime: string) => `${startTime}1`],
    ["of another boot", (startTime: string) => startTime, "not-this-boot"],
  ])("%s is neither waited for nor signalled", async (_, change, boot?: string) => {
    await using task = await fakeTask({ commands });
    const { files, number } = createRunFiles(task.directory, 1, "closed");
    await writeFile(files.recordFile, claimOfThis({ boot, change }));
    await task.context.checkpoint.save(checkpointOf(number));
    expect(await recover(task.next())).toMatchObject({ code: "INTERRUPTED" });
  });

  it("but the command itself is known by both", async () => {
    await using task = await fakeTask({ commands });
    const { files } = createRunFiles(task.directory, 1, "closed");
    await writeFile(files.recordFile, claimOfThis({}));
    expect(files.claimant()?.isAlive()).toBe(true);
  });
});

/** The line of a wrapper that is this very process. */
function claimOfThis({
  boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  change = (startTime: string) => startTime,
}: {
  readonly boot?: string | undefined;
  readonly change?: (startTime: string) => string;
}): string {
  const { pid, parent, group, session, startTime } = livingProcess(process.pid) as ProcessEntry;
  return `wrapper ${boot} ${pid} ${parent} ${group} ${session} ${change(startTime)}\n`;
}

describe("a command that never began", () => {
  it("is begun by the next manager, before and after its checkpoint", async () => {
    await using early = await fakeTask({ commands });
    expect(await recover(early, ["echo", "early"])).toMatchObject({ exitCode: 0 });
    expect(await early.output()).toBe("early\n");

    await using late = await fakeTask({ commands });
    createRunFiles(late.directory, 1, "closed");
    await late.context.checkpoint.save(checkpointOf(1));
    const next = late.next();
    expect(await recover(next, ["echo", "late"])).toMatchObject({ exitCode: 0 });
    expect(await next.output()).toBe("late\n");
    expect(await runs(late)).toEqual(["run-1", "run-2"]);
  });

  it("is begun by the manager after one that claimed it and died", async () => {
    await using task = await fakeTask({ commands });
    const { files } = createRunFiles(task.directory, 1, "closed");
    await task.context.checkpoint.save(checkpointOf(1));
    expect(files.claim()).toBe(true);
    const next = task.next();
    expect(await recover(next, ["echo", "third"])).toMatchObject({ exitCode: 0 });
    expect(await next.output()).toBe("third\n");
  });

  it("is not begun by a wrapper that comes too late", async () => {
    await using task = await fakeTask({ commands });
    const launcher = await createLauncher();
    const { files } = createRunFiles(task.directory, 1, "closed");
    expect(files.claim()).toBe(true);
    touch(launcher, task, 1, join(task.directory, "canary"));
    await launcher.end(task.context.clock);
    await vi.waitUntil(() => files.record().spooled);
    expect(files.record().exit).toBeUndefined();
    expect(await readdir(task.directory)).not.toContain("canary");
  });

  it("runs once or not at all when its wrapper and the next manager race", async () => {
    await using task = await fakeTask({ commands });
    const launcher = await createLauncher();
    const outcomes = { wrapper: 0, manager: 0 };
    for (let round = 1; round <= 40; round++) {
      const { files } = createRunFiles(task.directory, round, "closed");
      const canary = `canary-${round}`;
      touch(launcher, task, round, join(task.directory, canary));
      // The wrapper needs some time to its claim; the manager comes in between.
      const until = performance.now() + (round % 10) * 0.2;
      while (performance.now() < until);
      const claimed = files.claim();
      await vi.waitUntil(() => files.record().spooled);
      const ran = (await readdir(task.directory)).includes(canary);
      expect(ran).toBe(!claimed);
      outcomes[claimed ? "manager" : "wrapper"]++;
    }
    expect(outcomes.manager).toBeGreaterThan(0);
    await launcher.end(task.context.clock);
  });

  it("is begun as a new attempt's, when the checkpoint is an earlier attempt's", async () => {
    await using task = await fakeTask({ commands });
    await command.run({ argv: ["echo", "first"] }, task.context);
    const second = task.next({ attempt: 2 });
    expect(await recover(second, ["echo", "second"])).toMatchObject({ exitCode: 0 });
    expect(await second.output()).toBe("first\nsecond\n");
  });

  it("asks the policy again", async () => {
    await using task = await fakeTask({
      commands: { decide: () => ({ decision: "deny", reason: "not any more" }) },
    });
    expect(await recover(task)).toMatchObject({
      code: "COMMAND_REFUSED",
      message: "not any more",
    });
  });
});

/** Lets a manager start the command, and kills it once the command has printed `ready`. */
async function killManagerOf(
  task: FakeTask,
  argv: readonly string[],
  outputBytes?: number,
): Promise<void> {
  const manager = startManager(label);
  await once(manager.stdout as NodeJS.ReadableStream, "data");
  const { directory } = task;
  manager.stdin?.write(`${JSON.stringify({ directory, argv, outputBytes })}\n`);
  await vi.waitUntil(async () => (await task.output().catch(() => "")).includes("ready"), 10_000);
  manager.kill("SIGKILL");
  await once(manager, "exit");
}

async function recover(task: FakeTask, argv: readonly string[] = ["unused"]): Promise<unknown> {
  if (typeof command.recover !== "function") throw new Error("a command can be recovered");
  return Promise.resolve(command.recover({ argv }, task.context)).catch((error: unknown) => error);
}

function touch(launcher: Launcher, task: FakeTask, run: number, canary: string): void {
  launcher.start(
    {
      command: { executable: "/usr/bin/touch", argv: ["touch", canary], cwd: "/", env: {} },
      record: openRunFiles(task.directory, run).recordFile,
      outputFile: join(task.directory, "output"),
      maxBytes: 1_000,
      stdin: "closed",
      leftovers: "end",
      hidesSignals: false,
      join: [],
      ulimits: [],
    },
    () => {},
  );
}

function checkpointOf(run: number): CommandCheckpoint {
  return {
    run,
    attempt: 1,
    marker: "no-such-marker",
    containment: "process-group-sweep",
    outputStart: 0,
    maxBytes: 1_000,
    executable: "/bin/true",
    startedAt: 0,
    overflow: "discard",
    leftovers: "end",
  };
}

async function runs(task: FakeTask): Promise<readonly string[]> {
  return (await readdir(task.directory)).filter((name) => name.startsWith("run-")).sort();
}

/** What can be had on this machine. */
async function strongest(): Promise<string> {
  const probe = await createCgroup(`probe-${process.pid}`, {});
  probe?.remove();
  return probe === undefined ? "process-group-sweep" : "cgroup";
}

let fifos = 0;

function makeFifo(): string {
  const fifo = join(scratch, `fifo-${++fifos}`);
  execFileSync("sh", ["-c", 'mkfifo "$0"', fifo]);
  return fifo;
}
