import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cpuTime } from "../../src/command/cpu-time.ts";
import { waitsForInput } from "../../src/command/waits-for-input.ts";
import { parseProcessorTicks } from "../../src/proc/stat.ts";

let folder = "";
let fifo = -1;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "meanwhile-stdin-"));
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  // Held open for reading and writing, so that nobody who reads it meets its end.
  fifo = openSync(path, "r+");
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = new Promise((resolve) => child.once("close", resolve));
    process.kill(-(child.pid as number), "SIGKILL");
    await ended;
  }
  closeSync(fifo);
  await rm(folder, { recursive: true, force: true });
});

/** Runs a program with the named pipe as its stdin. */
function run(argv: readonly [string, ...string[]], stdin: number | "ignore" = fifo): number {
  const child = spawn(argv[0], argv.slice(1), {
    stdio: [stdin, "ignore", "ignore"],
    detached: true,
  });
  children.push(child);
  return child.pid as number;
}

/** Looks again and again, since a program takes its time to come so far. */
async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !condition(); ) {
    if (performance.now() > end) throw new Error(`Not so within ten seconds: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const node = process.execPath;

describe.runIf(process.platform === "linux")("a program waits for its input", () => {
  const waiting: [string, [string, ...string[]]][] = [
    ["a shell that reads a line", ["sh", "-c", "read line"]],
    ["cat", ["cat"]],
    ["a blocking read in Node", [node, "-e", "require('fs').readSync(0, Buffer.alloc(1))"]],
    ["a stream in Node", [node, "-e", "process.stdin.on('data', () => {})"]],
  ];

  test.each(waiting)("%s", async (_what, argv) => {
    const pid = run(argv);
    await until(() => waitsForInput([pid]));
    expect(waitsForInput([1, pid])).toBe(true);
  });

  const busy: [string, [string, ...string[]]][] = [
    ["one that sleeps", ["sleep", "60"]],
    ["one that computes", ["sh", "-c", "while :; do :; done"]],
    ["one that waits for a child", ["sh", "-c", "sleep 60; true"]],
    ["one that waits for another's output", ["sh", "-c", "sleep 60 | cat"]],
    ["a server", [node, "-e", "require('net').createServer().listen(0, '127.0.0.1')"]],
  ];

  test.each(busy)("but not %s", async (_what, argv) => {
    const pid = run(argv);
    const tree = () => [pid, ...childrenOf(pid)];
    if (argv[2]?.startsWith("sleep")) await until(() => tree().length > 1);
    for (let look = 0; look < 20; look += 1) {
      expect(waitsForInput(tree())).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  test("nor one whose stdin is closed, nor one that is gone", async () => {
    const pid = run([node, "-e", "process.stdin.resume(); setTimeout(() => {}, 60_000)"], "ignore");
    expect(waitsForInput([pid, 2 ** 22 + 1])).toBe(false);
    expect(waitsForInput([])).toBe(false);
  });
});

function childrenOf(pid: number): number[] {
  try {
    const output = execFileSync("cat", [`/proc/${pid}/task/${pid}/children`], { encoding: "utf8" });
    return output.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

describe.runIf(process.platform === "linux")("processor time", () => {
  test("grows with what a program computes, its ended children included", async () => {
    const pid = run(["sh", "-c", "(i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done); exec cat"]);
    await until(() => waitsForInput([pid]));
    expect(cpuTime([pid])).toBeGreaterThan(0);
    const before = cpuTime([pid]);
    const busy = run(["sh", "-c", "while :; do :; done"]);
    await until(() => (cpuTime([busy]) ?? 0) >= 50);
    expect(cpuTime([pid])).toBe(before);
    expect(cpuTime([pid, busy])).toBeGreaterThanOrEqual((before ?? 0) + 50);
  });

  test("of processes that are gone is not known", () => {
    expect(cpuTime([2 ** 22 + 1])).toBeUndefined();
    expect(cpuTime([])).toBeUndefined();
  });

  test("is read past a name with spaces and parentheses", () => {
    const line = "77 (a) b (c)) S 1 2 3 0 -1 4 5 6 7 8 100 20 3 4 13 14 15 16 4242 0 0";
    expect(parseProcessorTicks(line)).toBe(127);
    expect(parseProcessorTicks("")).toBeUndefined();
    expect(parseProcessorTicks("not a stat line")).toBeUndefined();
  });
});
