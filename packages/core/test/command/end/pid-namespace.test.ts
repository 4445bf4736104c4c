import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { killAll, namespace, newToken, start, untilThere, withToken } from "./contained.ts";

let token = newToken();

afterEach(() => {
  killAll(token);
  token = newToken();
});

describe.skipIf(namespace === undefined)("a pid namespace", () => {
  it.each([
    ["exit 0", 0],
    ["exit 7", 7],
    ["kill -TERM $$", 128 + 15],
    ["kill -KILL $$", 128 + 9],
    ["kill -SEGV $$", 128 + 11],
    ["/nonexistent", 127],
  ])("gives the exit code of %j", (script, code) => {
    const { status, signal } = run("/bin/sh", "-c", script);
    expect({ status, signal }).toEqual({ status: code, signal: null });
  });

  it("adds nothing to what the program prints, nor to what it reads", () => {
    const { stdout, stderr } = run("/bin/sh", "-c", "cat; echo err >&2; kill -TERM $$");
    expect({ stdout, stderr }).toEqual({ stdout: "input", stderr: "err\n" });
  });

  it("passes arguments on as they are", () => {
    const words = ["a b", "", "$x", "'", '"', "\\", "*", "-n", "ü\n"];
    const { stdout } = run("/usr/bin/printf", "%s|", ...words);
    expect(stdout).toBe(words.map((word) => `${word}|`).join(""));
  });

  it("is a world of its own, in which orphans are collected", () => {
    const script =
      "(sleep 0.01 &) ; (sleep 0.01 &) ; sleep 0.2; for file in /proc/[0-9]*/stat; do cat $file; done";
    const lines = run("/bin/sh", "-c", script).stdout.trim().split("\n");
    // The init and the shell.
    expect(lines.map((line) => line.split(" ")[0])).toContain("1");
    expect(lines).toHaveLength(2);
  });

  it("ends with the program, whatever that left", async () => {
    const child = await start("(setsid env -i /bin/sleep $T &) ; sleep 0.1; exit 3", {
      marker: "none",
      token,
      prefix: namespace ?? [],
    });
    expect(await once(child, "exit")).toEqual([3, null]);
    expect(withToken(token)).toEqual([]);
  });

  it("ends when its first process is killed", async () => {
    const child = await start("(setsid env -i /bin/sleep $T &) ; exec sleep $T", {
      marker: "none",
      token,
      prefix: namespace ?? [],
    });
    await untilThere(token, 2);
    child.kill("SIGKILL");
    await untilThere(token, 0);
  });

  it("hears TERM as a group, and goes on until the program has ended", async () => {
    const child = await start("trap 'sleep 0.1; exit 5' TERM; sleep $T & wait", {
      marker: "none",
      token,
      prefix: namespace ?? [],
    });
    await untilThere(token, 1);
    process.kill(-(child.pid as number), "SIGTERM");
    expect(await once(child, "exit")).toEqual([5, null]);
  });
});

function run(...words: readonly string[]): SpawnSyncReturns<string> {
  const [file = "", ...prefix] = namespace ?? [];
  return spawnSync(file, [...prefix, ...words], { encoding: "utf8", input: "input" });
}
