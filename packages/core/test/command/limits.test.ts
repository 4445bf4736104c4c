import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackgroundManager, type CommandLimits, command, commandPolicy } from "../../src/index.ts";
import { livingProcess } from "../../src/proc/stat.ts";

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-limits-"));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs a script under a policy with limits; gives how its task ended and what it printed. */
async function run(script: string, limits: CommandLimits, leftovers: "end" | "report" = "end") {
  await using manager = new BackgroundManager({
    tasks: [command],
    directory: join(scratch, "state"),
    commands: commandPolicy({
      root: scratch,
      commands: { sh: { arguments: [["-c", script]] } },
      ...{ limits, leftovers },
    }),
  });
  const task = await manager.session("s").start(command, { argv: ["sh", "-c", script] });
  const result = await task.result().catch((error: unknown) => error);
  return { result, output: await task.output() };
}

describe("the limits of a policy", () => {
  it("end a command that takes too long, with what it started", async () => {
    const { result } = await run("sleep 600 & sleep 600", { timeMs: 300 });
    expect(result).toMatchObject({ code: "TIMEOUT", details: { timeoutMs: 300 } });
  });

  it("cut the output, visibly, and leave the exit code", async () => {
    const { result, output } = await run("yes | head -c 100000; exit 3", { outputBytes: 1_000 });
    expect(result).toMatchObject({
      code: "EXIT_CODE",
      details: { exitCode: 3, outputBytes: 1_000, truncated: true },
    });
    expect(output).toMatchObject({ next: 1_000, end: true, truncated: true });
  });

  it("end a command that prints too much, where they say so", async () => {
    const limits = { outputBytes: 1_000, overflow: "stop" } as const;
    const { result, output } = await run("yes", limits);
    expect(result).toMatchObject({ code: "OUTPUT_LIMIT" });
    expect(output).toMatchObject({ next: 1_000, truncated: true });
  });

  it("let none complete then that printed a little too much, however soon it ended", async () => {
    const limits = { outputBytes: 10, overflow: "stop" } as const;
    const { result, output } = await run("echo more than ten bytes", limits);
    expect(result).toMatchObject({
      code: "OUTPUT_LIMIT",
      details: { exitCode: 0, outputBytes: 10, truncated: true },
    });
    expect(output).toMatchObject({ text: "more than ", truncated: true });
    const failed = await run("echo more than ten bytes; exit 3", limits);
    expect(failed.result).toMatchObject({ code: "EXIT_CODE", details: { exitCode: 3 } });
    expect((await run("echo ten bytes", limits)).result).toMatchObject({ exitCode: 0 });
  });

  it("hold open files and processor time", async () => {
    const files = await run("ulimit -n", { openFiles: 77 });
    expect(files.output.text).toBe("77\n");
    const busy = await run("while :; do :; done", { cpuSeconds: 1 });
    expect(busy.result).toMatchObject({ code: "SIGNAL", details: { signal: "SIGXCPU" } });
  });
});

describe("what a command leaves running", () => {
  const script = "sleep 600 & sleep 600 >/dev/null 2>&1 & echo $!";

  it("is ended, and does not hold up its task", async () => {
    const { result, output } = await run(script, {});
    expect(result).toMatchObject({ exitCode: 0 });
    expect(livingProcess(Number(output.text))).toBeUndefined();
  });

  it("is left alone and counted, where the policy says so", async () => {
    const { result, output } = await run(script, {}, "report");
    expect(result).toMatchObject({ exitCode: 0, leftRunning: 2 });
    const left = livingProcess(Number(output.text));
    expect(left).toBeDefined();
    process.kill(-(left?.group ?? 0), "SIGKILL");
  });
});
