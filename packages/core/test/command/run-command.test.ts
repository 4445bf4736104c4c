import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { command } from "../../src/command/definition.ts";
import type { CommandInput, CommandOutput } from "../../src/command/input.ts";
import { createLauncher } from "../../src/command/start/launcher.ts";
import { anyCommand } from "./any-command.ts";
import { type FakeTaskOptions, fakeTask } from "./fake-task.ts";
import { mostHeld } from "./held-bytes.ts";

const commands = anyCommand(`run-command-${process.pid}`);

afterAll(async () => {
  expect(await commands.endSurvivors()).toEqual([]);
});

/** Runs a command to its end; gives what it returned or threw, and its output. */
async function run(
  input: CommandInput,
  options: Partial<FakeTaskOptions> = {},
): Promise<{ readonly result: unknown; readonly output: string }> {
  await using task = await fakeTask({ commands, ...options });
  const result = await Promise.resolve(command.run(input, task.context)).catch(
    (error: unknown) => error,
  );
  return { result, output: await task.output().catch(() => "") };
}

const node = process.execPath;

describe("the end of a command", () => {
  it("completes on exit code 0 with small facts, the text being in the output", async () => {
    const { result, output } = await run({ argv: ["echo", "hello"] });
    expect(result).toEqual({
      exitCode: 0,
      durationMs: expect.any(Number),
      outputBytes: 6,
      truncated: false,
      leftRunning: 0,
    });
    expect(output).toBe("hello\n");
  });

  it.each([1, 2, 77, 126, 127, 128, 130, 137, 141, 143, 255])(
    "fails on exit code %i, and does not take it for a signal or a missing program",
    async (exitCode) => {
      const { result } = await run({ argv: ["sh", "-c", `exit ${exitCode}`] });
      expect(result).toMatchObject({ code: "EXIT_CODE", details: { exitCode, truncated: false } });
    },
  );

  it.each(["HUP", "QUIT", "ABRT", "KILL", "SEGV", "TERM", "USR1", "XCPU"])(
    "tells an end by SIG%s from an exit code",
    async (signal) => {
      const { result, output } = await run({
        argv: ["sh", "-c", `echo before; kill -${signal} $$`],
      });
      expect(result).toMatchObject({ code: "SIGNAL", details: { signal: `SIG${signal}` } });
      expect(output).toBe("before\n");
    },
  );

  it("survives signals that the command sends to its whole group", async () => {
    const script = "trap 'kill 0' EXIT; trap : TERM; echo working; exit 7";
    const { result, output } = await run({ argv: ["bash", "-c", script] });
    expect(result).toMatchObject({ code: "EXIT_CODE", details: { exitCode: 7 } });
    expect(output).toBe("working\n");
  });

  it("is the leader of its group, so that no other command is in it", async () => {
    const { result, output } = await run({
      argv: ["sh", "-c", "echo $$; ps -o pgid=,sid= $$; kill -KILL 0"],
    });
    expect(result).toMatchObject({ code: "SIGNAL", details: { signal: "SIGKILL" } });
    const [pid, group, session] = output.trim().split(/\s+/);
    expect([group, session]).toEqual([pid, pid]);
  });

  it("ends the command when only the process that would record its exit was killed", async () => {
    const { result } = await run({ argv: ["sh", "-c", "kill -KILL $PPID; sleep 600"] });
    expect(result).toMatchObject({ code: "INTERRUPTED" });
    expect(await commands.survivors()).toEqual([]);
  });
});

describe("a command that cannot start", () => {
  it("fails with SPAWN when the program does not exist", async () => {
    const { result } = await run({ argv: ["/usr/bin/no-such-program"] });
    expect(result).toMatchObject({
      code: "SPAWN",
      message: "The command could not be started: /usr/bin/no-such-program does not exist.",
    });
  });

  it("fails with SPAWN when it is a folder, or not executable", async () => {
    expect((await run({ argv: ["/usr/bin"] })).result).toMatchObject({
      code: "SPAWN",
      message: expect.stringContaining("is not a file"),
    });
    expect((await run({ argv: ["/etc/passwd"] })).result).toMatchObject({
      code: "SPAWN",
      message: expect.stringContaining("is not executable"),
    });
  });

  it("says that the folder is missing, not the program", async () => {
    const { result } = await run({ argv: ["true"], cwd: "/no/such/folder" });
    expect(result).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("/no/such/folder does not exist"),
    });
  });

  it.each<[string, CommandInput, string]>([
    ["no program", { argv: [] }, "the program as its first item"],
    ["an empty program", { argv: [""] }, "is empty"],
    ["a NUL", { argv: ["echo", "a\0b"] }, "NUL"],
    ["half a surrogate pair", { argv: ["echo", "\ud800"] }, "surrogate"],
    ["an argument of 131,072 bytes", { argv: ["echo", "y".repeat(131_071)] }, "131071 bytes"],
    [
      "too many bytes in all",
      { argv: ["echo", ...Array(20).fill("z".repeat(100_000))] },
      "together",
    ],
    ["an argument that is a number", { argv: ["echo", 42 as unknown as string] }, "not a text"],
    ["a NUL in the folder", { argv: ["echo"], cwd: "a\0b" }, "NUL"],
    ["a NUL in a variable", { argv: ["echo"], env: { A: "\0" } }, "NUL"],
  ])("refuses %s before anything is started", async (_, input, words) => {
    await using task = await fakeTask({ commands });
    const admitted = Promise.resolve(command.admit?.(input, { commands, session: "session" }));
    await expect(admitted).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(words),
    });
    await expect(command.run(input, task.context)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    expect(await readdir(task.directory)).toEqual([]);
  });

  it("fails with SPAWN when the system starts no process", async () => {
    await expect(createLauncher("/no/such/shell")).rejects.toMatchObject({ code: "SPAWN" });
  });

  it("fails with SPAWN when its folder goes before it begins", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "meanwhile-cwd-"));
    const { result } = await run(
      { argv: ["true"], cwd },
      { onCheckpoint: () => rmSync(cwd, { recursive: true }) },
    );
    expect(result).toMatchObject({
      code: "SPAWN",
      message: "The command could not be started: the working directory cannot be entered.",
    });
  });

  it("fails with SPAWN when a script's interpreter is missing", async () => {
    await using task = await fakeTask({ commands });
    const script = join(task.directory, "script");
    await writeFile(script, "#!/no/such/interpreter -x\n", { mode: 0o755 });
    await expect(command.run({ argv: [script] }, task.context)).rejects.toMatchObject({
      code: "SPAWN",
      message: expect.stringContaining("/no/such/interpreter does not exist"),
    });
  });

  it("fails with INTERRUPTED when its record goes before it begins, as it may have begun", async () => {
    await using task = await fakeTask({ commands });
    const context = {
      ...task.context,
      checkpoint: {
        read: () => undefined,
        // Between the making of the record and the start.
        save: () => rm(task.directory, { recursive: true }),
      },
    };
    await expect(command.run({ argv: ["true"] }, context)).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
  });

  it("runs an argument of the greatest length", async () => {
    const { output } = await run({ argv: ["echo", "y".repeat(131_070)] });
    expect(output).toHaveLength(131_071);
  });
});

describe("what a command is given", () => {
  it("gets its arguments byte for byte, whatever they look like", async () => {
    const strange = [
      ...[
        "",
        " ",
        "$HOME",
        "`id`",
        "$(id)",
        "a\nb",
        "'",
        '"',
        "\\",
        "*",
        "-n",
        "--",
        "~",
        "!!",
        "\t",
      ],
      "ä€😀\u0081\u0088",
      Array.from({ length: 0x780 }, (_, index) => String.fromCharCode(0x80 + index)).join(""),
    ];
    const script = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";
    const { output } = await run({ argv: [node, "-e", script, "--", ...strange] });
    expect(JSON.parse(output)).toEqual(strange);
  });

  it("gets exactly the granted environment, its marker and the PWD of the shell", async () => {
    process.env["MEANWHILE_TEST_SECRET"] = "sk-secret";
    try {
      const { output } = await run({ argv: ["env"], env: { GIVEN: "a b\nc" } });
      expect(output).not.toContain("sk-secret");
      const names = output.match(/^[A-Za-z_]+(?==)/gm)?.sort();
      expect(names).toEqual(["GIVEN", "MEANWHILE_TASK", "MEANWHILE_TEST_FILE", "PATH", "PWD"]);
    } finally {
      delete process.env["MEANWHILE_TEST_SECRET"];
    }
  });

  it("starts with default signals, no open files of ours, and a session of its own", async () => {
    // Directly under this process: what a command has beyond it would be the wrapper's.
    const script = "grep -E '^Sig(Ign|Blk)' /proc/self/status; ls /proc/self/fd";
    const direct = execFileSync("sh", ["-c", script], { encoding: "utf8" });
    expect((await run({ argv: ["sh", "-c", script] })).output).toBe(direct);
    expect(direct).toMatch(/SigBlk:\t0+\nSigIgn:\t0+\n/);
    const [, , , session] = (await run({ argv: ["cat", "/proc/self/stat"] })).output
      .replace(/^.*\) /, "")
      .split(" ");
    const [, , , ours] = readFileSync("/proc/self/stat", "latin1")
      .replace(/^.*\) /, "")
      .split(" ");
    expect(session).not.toBe(ours);
  });

  it("has no terminal to ask on, and no stdin", async () => {
    const { result, output } = await run({
      argv: ["sh", "-c", "cat; read x </dev/tty && echo asked"],
    });
    expect(result).toMatchObject({ code: "EXIT_CODE" });
    expect(output).not.toContain("asked\n");
  });

  it("keeps the usual umask for the files that it makes", async () => {
    const usual = process.umask().toString(8).padStart(4, "0");
    expect((await run({ argv: ["sh", "-c", "umask"] })).output.trim()).toBe(usual);
  });
});

describe("the output", () => {
  it("holds stdout and stderr in the order in which they were written", async () => {
    const script = "for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done";
    const { output } = await run({ argv: ["sh", "-c", script] });
    expect(output).toBe([1, 2, 3, 4, 5].map((i) => `out${i}\nerr${i}\n`).join(""));
  });

  it("is readable by its owner alone, like every file of ours", async () => {
    await using task = await fakeTask({ commands });
    await command.run({ argv: ["echo", "x"] }, task.context);
    for (const name of await readdir(task.directory, { recursive: true })) {
      if (name === "checkpoint.json") continue;
      const entry = await stat(join(task.directory, name));
      expect([name, (entry.mode & 0o777).toString(8)]).toEqual([
        name,
        entry.isDirectory() ? "700" : "600",
      ]);
    }
  });

  it("is cut exactly at the cap, and the exit code stays the command's own", async () => {
    const script = "head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2; exit 3";
    const { result, output } = await run({ argv: ["sh", "-c", script] }, { outputBytes: 100_001 });
    // Not a whole number of blocks.
    expect(output).toBe("x".repeat(100_001));
    expect(result).toMatchObject({
      code: "EXIT_CODE",
      details: { exitCode: 3, outputBytes: 100_001, truncated: true },
    });
  });

  it("is not called truncated when it fits exactly", async () => {
    const { result } = await run({ argv: ["printf", "12345"] }, { outputBytes: 5 });
    expect(result).toMatchObject({ outputBytes: 5, truncated: false });
    const more = await run({ argv: ["printf", "123456"] }, { outputBytes: 5 });
    expect(more.result).toMatchObject({ outputBytes: 5, truncated: true });
  });

  it("goes on after that of the earlier attempts, all under one cap", async () => {
    await using task = await fakeTask({ commands, outputBytes: 10 });
    await command.run({ argv: ["echo", "first"] }, task.context);
    const second = task.next({ attempt: 2 });
    const result = await command.run({ argv: ["echo", "second"] }, second.context);
    expect(result).toMatchObject({ outputBytes: 4, truncated: true });
    expect(await second.output()).toBe("first\nseco");
  });

  it("is 256 MB of which this process holds nothing", async () => {
    const argv = ["sh", "-c", "head -c 268435456 /dev/zero"];
    const { value, heldBytes } = await mostHeld(() => run({ argv }, { outputBytes: 1_000 }));
    expect(value.result).toMatchObject({ outputBytes: 1_000, truncated: true });
    expect(heldBytes).toBeLessThan(1_000_000);
  });
});

describe("the output of a command that still runs", () => {
  it("is in the file as soon as it is written, not a buffer later", async () => {
    await using task = await fakeTask({ commands });
    const script = "printf partial; read x; echo $x";
    const running = command.run({ argv: ["sh", "-c", script], stdin: "open" }, task.context);
    await vi.waitUntil(async () => (await task.output().catch(() => "")) === "partial", 10_000);
    task.send("rest\n");
    await running;
    expect(await task.output()).toBe("partialrest\n");
  });
});

describe("what a command leaves running", () => {
  it.each([
    ["holds the output open", "sleep 600 & echo hi"],
    ["has closed the output", "sleep 600 >/dev/null 2>&1 & echo hi"],
    ["ignores TERM", "trap '' TERM; sleep 600 & echo hi"],
    ["ignores TERM and has closed the output", "trap '' TERM; sleep 600 >/dev/null 2>&1 & echo hi"],
    ["holds the output open in a session of its own", "setsid sleep 600 & echo hi"],
    ["is stopped", "sleep 600 & kill -STOP $!; echo hi"],
  ])("neither keeps the task waiting nor goes on when it %s", async (_, script) => {
    const start = performance.now();
    const { result, output } = await run({ argv: ["sh", "-c", script] });
    expect(result).toMatchObject({ exitCode: 0, truncated: false });
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(output).toBe("hi\n");
    expect(await commands.survivors()).toEqual([]);
  });

  it("does not make the command's time longer", async () => {
    const script = "trap '' TERM; sleep 600 & echo hi";
    const start = performance.now();
    const { result } = await run({ argv: ["sh", "-c", script] });
    const { durationMs } = result as CommandOutput;
    expect(durationMs).toBeLessThan(performance.now() - start - 400);
  });

  it("settles all the same when one is out of reach and holds the output open", async () => {
    const script = "setsid env -i /bin/sleep 600 & echo $!";
    const { result, output } = await run({ argv: ["sh", "-c", script] });
    expect(result).toMatchObject({ exitCode: 0, outputBytes: output.length });
    process.kill(Number(output), "SIGKILL");
  });
});
