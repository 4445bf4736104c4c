import { afterAll, describe, expect, it, vi } from "vitest";
import { command } from "../../../src/command/definition.ts";
import { groupTree } from "../../../src/command/direct/group-tree.ts";
import { type Child, startChild } from "../../../src/command/direct/start-child.ts";
import { readProcess } from "../../../src/command/end/processes.ts";
import type { CommandInput } from "../../../src/command/input.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { anyCommand } from "../any-command.ts";
import { type FakeTask, fakeTask, fastClock } from "../fake-task.ts";
import { startDirectly } from "./direct-command.ts";

const commands = anyCommand(`stop-directly-${process.pid}`);

afterAll(async () => {
  expect(await commands.endSurvivors()).toEqual([]);
});

function script(text: string): CommandInput {
  return { argv: ["sh", "-c", text] };
}

function printed(task: FakeTask, text: string): Promise<unknown> {
  return vi.waitUntil(async () => (await task.output().catch(() => "")) === text, 10_000);
}

describe("a command that was started directly and is stopped", () => {
  it.each<[string, string]>([
    ["and its children", "sleep 600 & sleep 600 & echo ready; wait"],
    ["and a child that holds its output", "sleep 600 & echo ready; sleep 600"],
    ["and a child in a session of its own", "setsid sleep 600 & echo ready; wait"],
    ["and a child that has lost its parent", "(setsid sleep 600 &) ; echo ready; sleep 600"],
    ["that is stopped", "echo ready; kill -STOP $$"],
    ["and all that ignores TERM", "trap '' TERM; sleep 600 & echo ready; sleep 600; sleep 600"],
  ])("is gone, %s", async (_, text) => {
    await using task = await fakeTask({ commands, clock: fastClock(5) });
    const running = startDirectly(task, script(text));
    await printed(task, "ready\n");
    const reason = task.abort("CANCELLED");
    expect(await running).toBe(reason);
    expect(await commands.survivors()).toEqual([]);
    expect(task.containment()).toBe("process-group-sweep");
  });

  it("may say good-bye, and its last words are kept", async () => {
    await using task = await fakeTask({ commands });
    const text = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    const running = startDirectly(task, script(text));
    await printed(task, "ready\n");
    const reason = task.abort("TIMEOUT");
    expect(await running).toBe(reason);
    // The shell may say of its own that something was terminated.
    expect(await task.output()).toMatch(/^ready\n(.*\n)?bye\n$/);
  });

  it("is ended by the time that its policy allows", async () => {
    await using task = await fakeTask({ commands });
    const result = await startDirectly(task, script("echo ready; sleep 600"), {
      limits: { timeMs: 300 },
    });
    expect(result).toMatchObject({ code: "TIMEOUT", details: { timeoutMs: 300 } });
    expect(await commands.survivors()).toEqual([]);
  });

  it.each<[ErrorCode, string]>([
    ["CLOSED", "ended"],
    ["LEASE_LOST", "runs"],
  ])("is not left alone on %s, since nobody could take it up", async (code, direct) => {
    await using task = await fakeTask({ commands });
    const running = startDirectly(task, script("echo ready; sleep 600 & sleep 600"));
    await printed(task, "ready\n");
    const reason = task.abort(code);
    expect(await running).toBe(reason);
    expect(await commands.survivors()).toEqual([]);
    expect(task.checkpoint()).toMatchObject({ direct });
  });
});

describe("a command that was started directly by a manager that is gone", () => {
  it.each([
    ["runs", "may still be running"],
    ["ended", "was ended when its manager closed"],
  ])("is interrupted, and not run again: %s", async (direct, words) => {
    await using task = await fakeTask({ commands });
    await startDirectly(task, { argv: ["echo", "once"] });
    const saved = task.checkpoint() as object;
    expect(saved).toMatchObject({ direct: "runs" });
    await task.context.checkpoint.save({ ...saved, direct });
    const next = task.next();
    if (typeof command.recover !== "function") throw new Error("a command can be recovered");
    const input = { argv: ["echo", "twice"] };
    await expect(command.recover(input, next.context)).rejects.toMatchObject({
      code: "INTERRUPTED",
      message: expect.stringContaining(words),
    });
    expect(await task.output()).toBe("once\n");
  });

  it("is run by the next attempt as usual", async () => {
    await using task = await fakeTask({ commands });
    await startDirectly(task, { argv: ["echo", "once"] });
    const next = task.next({ attempt: 2 });
    if (typeof command.recover !== "function") throw new Error("a command can be recovered");
    const input = { argv: ["echo", "twice"] };
    expect(await command.recover(input, next.context)).toMatchObject({ exitCode: 0 });
    expect(await next.output()).toBe("once\ntwice\n");
  });
});

describe("a tree that is a process group only", () => {
  async function start(text: string): Promise<Child> {
    const decision = await commands.decide({ ...script(text), session: "session" });
    if (decision.decision !== "allow") throw new Error(decision.reason);
    return startChild(decision.grant, "closed");
  }

  async function firstLine(child: Child): Promise<string> {
    for await (const chunk of child.outputs[0] ?? []) return String(chunk);
    return "";
  }

  it("is ended with its children", async () => {
    const child = await start("sleep 600 & echo $!; wait");
    const pid = Number(await firstLine(child));
    await groupTree(child, fastClock(20)).end(5_000);
    expect(await child.exited).toEqual({ type: "signal", signal: "SIGTERM" });
    expect(await readProcess(pid)).toBeUndefined();
    expect(await commands.survivors()).toEqual([]);
  });

  it("tells that something was left, and ends it", async () => {
    const child = await start("sleep 600 >/dev/null 2>&1 & echo $!");
    const pid = Number(await firstLine(child));
    await child.exited;
    const tree = groupTree(child, fastClock(20));
    expect(await tree.left({ held: false, end: false })).toBe(1);
    expect(await readProcess(pid)).toBeDefined();
    expect(await tree.left({ held: false, end: true })).toBe(1);
    expect(await readProcess(pid)).toBeUndefined();
  });

  it("is empty when nothing was left", async () => {
    const child = await start("true");
    await child.exited;
    expect(await groupTree(child, fastClock(20)).left({ held: false, end: true })).toBe(0);
  });
});
