import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { appendFile, readdir } from "node:fs/promises";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Clock } from "../../../src/clock/clock.ts";
import { systemClock } from "../../../src/clock/system-clock.ts";
import { command } from "../../../src/command/definition.ts";
import { graceMs } from "../../../src/command/end/end-run.ts";
import { endTree } from "../../../src/command/end/end-tree.ts";
import { findTree } from "../../../src/command/end/find-tree.ts";
import { markerVariable, readProcess } from "../../../src/command/end/processes.ts";
import { createRunFiles } from "../../../src/command/start/run-files.ts";
import { supervise } from "../../../src/command/supervise.ts";
import { anyCommand } from "../any-command.ts";
import { type FakeTask, fakeTask, fastClock } from "../fake-task.ts";
import { cgroups, namespace } from "./contained.ts";

const commands = anyCommand(`end-tree-${process.pid}`);
// Every grace passes in a tenth of its time.
const clock = fastClock(10);

const containment =
  cgroups !== undefined ? "cgroup" : namespace ? "pid-namespace" : "process-group-sweep";

afterAll(async () => {
  expect(await commands.endSurvivors()).toEqual([]);
});

/** Starts a command and waits until it has printed `ready`. */
async function run(
  task: FakeTask,
  argv: readonly string[],
): Promise<{ readonly result: Promise<unknown> }> {
  const result = Promise.resolve(command.run({ argv }, task.context)).catch(
    (error: unknown) => error,
  );
  await vi.waitUntil(async () => (await task.output().catch(() => "")).includes("ready"), 10_000);
  return { result };
}

describe("cancelling a command", () => {
  it.each(["CANCELLED", "TIMEOUT"] as const)(
    "ends its whole tree on %s, those in sessions of their own included",
    async (code) => {
      await using task = await fakeTask({ commands });
      const script =
        "sleep 600 & setsid sleep 601 & setsid sh -c 'setsid sleep 602 & sleep 603' & (sleep 604 &) ; echo ready; sleep 605";
      const { result } = await run(task, ["sh", "-c", script]);
      await vi.waitUntil(async () => (await sleepers()).length === 6, 10_000);
      const reason = task.abort(code);
      expect(await result).toBe(reason);
      expect(await commands.survivors()).toEqual([]);
      expect(task.containment()).toBe(containment);
    },
  );

  it("lets it clean up on TERM before the grace is over", async () => {
    await using task = await fakeTask({ commands });
    const script = "trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.01; done";
    const { result } = await run(task, ["sh", "-c", script]);
    const reason = task.abort("CANCELLED");
    expect(await result).toBe(reason);
    expect(await task.output()).toMatch(/\ncleaned\n$/);
  });

  it("kills what ignores TERM once the grace is over", async () => {
    await using task = await fakeTask({ commands, clock });
    const { result } = await run(task, ["sh", "-c", "trap '' TERM; echo ready; sleep 600"]);
    const start = performance.now();
    const reason = task.abort("TIMEOUT");
    expect(await result).toBe(reason);
    expect(performance.now() - start).toBeGreaterThanOrEqual(graceMs / 10 - 1);
    expect(await commands.survivors()).toEqual([]);
  });

  it("ends one that has stopped itself", async () => {
    await using task = await fakeTask({ commands });
    const { result } = await run(task, ["sh", "-c", "echo ready; kill -STOP $$; sleep 600"]);
    const reason = task.abort("CANCELLED");
    const start = performance.now();
    expect(await result).toBe(reason);
    // Long before KILL would have done it.
    expect(performance.now() - start).toBeLessThan(graceMs / 2);
    expect(await commands.survivors()).toEqual([]);
  });

  it("ends one that forks faster than a list of processes can be read", async () => {
    await using task = await fakeTask({ commands, clock });
    const fork = "trap '' TERM; echo ready; while :; do (setsid sh -c 'sleep 0.2' &); done";
    const { result } = await run(task, ["sh", "-c", fork]);
    const reason = task.abort("CANCELLED");
    expect(await result).toBe(reason);
    expect(await commands.survivors()).toEqual([]);
  });

  it("finds a child that cleared its environment and left the session, by its parent", async () => {
    await using task = await fakeTask({ commands });
    const script = "setsid env -i /bin/sleep 606 & echo ready; wait";
    const { result } = await run(task, ["sh", "-c", script]);
    const child = await vi.waitUntil(async () => {
      const found = await readdir("/proc");
      return found.find((pid) => commandLine(pid) === "/bin/sleep 606 ");
    }, 10_000);
    const reason = task.abort("CANCELLED");
    expect(await result).toBe(reason);
    expect(await readProcess(Number(child))).toBeUndefined();
  });

  it("reports the true end of one that had ended before", async () => {
    await using task = await fakeTask({ commands });
    const { files } = await createRunFiles(task.directory, 1, "closed");
    await appendFile(files.recordFile, "exit 3\nspooled 0\n");
    task.abort("CANCELLED");
    const { signal, clock: time } = task.context;
    const run = { files, marker: "none", cgroup: undefined, signal, clock: time };
    const how = { started: undefined, stopWhenCut: false, leftovers: "end" } as const;
    expect(await supervise({ ...run, ...how })).toMatchObject({
      record: { exit: { type: "code", code: 3 } },
    });
  });

  it("starts nothing when it was cancelled before", async () => {
    await using task = await fakeTask({ commands });
    const reason = task.abort("CANCELLED");
    await expect(command.run({ argv: ["touch", "x"] }, task.context)).rejects.toBe(reason);
    expect(await commands.survivors()).toEqual([]);
  });
});

describe("letting go of a command", () => {
  it.each(["CLOSED", "LEASE_LOST"] as const)("leaves it alone on %s", async (code) => {
    await using task = await fakeTask({ commands });
    const { result } = await run(task, ["sh", "-c", "echo ready; sleep 600"]);
    const reason = task.abort(code);
    expect(await result).toBe(reason);
    expect(await sleepers()).toHaveLength(1);
    const next = task.next();
    const taken = recover(next);
    const cancelled = next.abort("CANCELLED");
    expect(await taken).toBe(cancelled);
    expect(await commands.survivors()).toEqual([]);
  });
});

async function recover(task: FakeTask): Promise<unknown> {
  if (typeof command.recover !== "function") throw new Error("a command can be recovered");
  return Promise.resolve(command.recover({ argv: ["unused"] }, task.context)).catch(
    (error: unknown) => error,
  );
}

async function sleepers(): Promise<readonly string[]> {
  return (await commands.survivors()).filter((text) => /^\d+ (\/bin\/)?sleep /.test(text));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

describe("a tree of which a part comes late", () => {
  it("is ended with that part, however long the looks take", async () => {
    const marker = `late-${process.pid}`;
    const clock = slowClock();
    const stubborn = (): ChildProcess =>
      spawn("sh", ["-c", "trap '' TERM; sleep 600; :"], {
        env: { PATH: "/usr/bin:/bin", [markerVariable]: marker },
        stdio: "ignore",
        detached: true,
      });
    const first = stubborn();
    const second: ChildProcess[] = [];
    // Between the first KILL and the next look, which comes after all the time to wait for it.
    clock.onTimer = () => {
      if (second.length === 0) second.push(stubborn());
    };
    const gone = Promise.all([once(first, "exit")]);
    expect(await endTree({ marker, clock, graceMs: 100 })).toBe(true);
    await gone;
    expect(second).toHaveLength(1);
    expect(await findTree(marker)).toEqual([]);
  });
});

/** Its every look at the time comes ten seconds later. */
function slowClock(): Clock & { onTimer: () => void } {
  const system = systemClock();
  let looks = 0;
  const slow = {
    ...system,
    onTimer: () => {},
    monotonic: () => 10_000 * looks++,
    timer: (callback: () => void) => {
      slow.onTimer();
      // What was killed has gone by then.
      return system.timer(callback, 200, true);
    },
  };
  return slow;
}
