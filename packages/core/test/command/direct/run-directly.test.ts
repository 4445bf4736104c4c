import { readdirSync } from "node:fs";
import { mkdtemp, rm, rmdir, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { readProcess } from "../../../src/command/end/processes.ts";
import type { CommandInput, CommandOutput } from "../../../src/command/input.ts";
import type { CommandGrant } from "../../../src/command/policy/policy.ts";
import { anyCommand } from "../any-command.ts";
import { type FakeTaskOptions, fakeTask } from "../fake-task.ts";
import { mostHeld } from "../held-bytes.ts";
import { type DirectRun, runOnce, startDirectly } from "./direct-command.ts";

const commands = anyCommand(`run-directly-${process.pid}`);

afterAll(async () => {
  expect(await commands.endSurvivors()).toEqual([]);
});

const node = process.execPath;
/** Bytes of output that may be in memory: a megabyte that waits, and what is just being read. */
const mostBuffered = 8_000_000;

function run(
  input: CommandInput,
  changes?: Partial<CommandGrant>,
  options?: Partial<FakeTaskOptions>,
): Promise<DirectRun> {
  return runOnce(commands, input, changes, options);
}

function script(text: string): CommandInput {
  return { argv: ["sh", "-c", text] };
}

describe("the end of a command that was started directly", () => {
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

  it.each([1, 77, 126, 127, 128, 130, 137, 143, 255])(
    "fails on exit code %i, and takes it for nothing else",
    async (exitCode) => {
      const { result } = await run(script(`exit ${exitCode}`));
      expect(result).toMatchObject({ code: "EXIT_CODE", details: { exitCode, truncated: false } });
    },
  );

  it.each(["HUP", "INT", "PIPE", "KILL", "SEGV", "TERM", "XCPU"])(
    "tells an end by SIG%s from an exit code",
    async (signal) => {
      const { result, output } = await run(script(`echo before; kill -${signal} $$`));
      expect(result).toMatchObject({ code: "SIGNAL", details: { signal: `SIG${signal}` } });
      expect(output).toBe("before\n");
    },
  );

  it("is the end of a hundred at once, each with its own output", async () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const results = await Promise.all(
      numbers.map((number) => run(script(`echo ${number}; exit ${number}`))),
    );
    for (const [number, { result, output }] of results.entries()) {
      if (number === 0) expect(result).toMatchObject({ exitCode: 0 });
      else expect(result).toMatchObject({ code: "EXIT_CODE", details: { exitCode: number } });
      expect(output).toBe(`${number}\n`);
    }
  });
});

describe("a command that cannot be started directly", () => {
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

  it("fails with SPAWN when its folder goes before it begins", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "meanwhile-cwd-"));
    await rmdir(cwd);
    const { result } = await run({ argv: ["true"], cwd });
    expect(result).toMatchObject({
      code: "SPAWN",
      message: "The command could not be started: the working directory cannot be entered.",
    });
  });

  it("fails with SPAWN when a script's interpreter is missing", async () => {
    await using task = await fakeTask({ commands });
    const file = join(task.directory, "script");
    await writeFile(file, "#!/no/such/interpreter -x\n", { mode: 0o755 });
    expect(await startDirectly(task, { argv: [file] })).toMatchObject({
      code: "SPAWN",
      message: expect.stringContaining("/no/such/interpreter does not exist"),
    });
  });

  it("fails with SPAWN, and in words, when its arguments are too long", async () => {
    const argv = ["true", ...Array<string>(60).fill("x".repeat(100_000))];
    expect((await run({ argv })).result).toMatchObject({
      code: "SPAWN",
      message: expect.stringContaining("too long for this system"),
    });
  });

  it.each(["openFiles", "processes", "cpuSeconds", "memoryBytes"] as const)(
    "is refused with limits.%s, which nobody would hold it to",
    async (name) => {
      const { result, output } = await run({ argv: ["echo"] }, { limits: { [name]: 1_000 } });
      expect(result).toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringContaining(`limits.${name}`),
      });
      expect(output).toBe("");
    },
  );

  it("leaves no descriptor open, and neither does one that runs", async () => {
    const open = () => readdirSync("/proc/self/fd").length;
    await run({ argv: ["/usr/bin/no-such-program"] });
    await run({ argv: ["true"] });
    const before = open();
    for (let round = 0; round < 20; round++) {
      await run({ argv: ["/usr/bin/no-such-program"] });
      await run({ argv: ["cat"], stdin: "open" }, { limits: { timeMs: 1 } });
      await run({ argv: ["echo", "x"] });
    }
    await vi.waitUntil(() => open() <= before, 10_000);
  });

  it("is not started when it was cancelled before", async () => {
    await using task = await fakeTask({ commands });
    const reason = task.abort("CANCELLED");
    expect(await startDirectly(task, { argv: ["touch", join(task.directory, "ran")] })).toBe(
      reason,
    );
    await expect(stat(join(task.directory, "ran"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("what a command that was started directly is given", () => {
  it("gets its arguments byte for byte, whatever they look like", async () => {
    const strange = [
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
      "%PATH%",
    ];
    const print = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";
    const { output } = await run({ argv: [node, "-e", print, "--", ...strange, "ä€😀\u0081"] });
    expect(JSON.parse(output)).toEqual([...strange, "ä€😀\u0081"]);
  });

  it("gets exactly the granted environment and its marker", async () => {
    process.env["MEANWHILE_TEST_SECRET"] = "sk-secret";
    try {
      const { output } = await run({ argv: ["env"], env: { GIVEN: "a b\nc" } });
      expect(output).not.toContain("sk-secret");
      const names = output.match(/^[A-Za-z_]+(?==)/gm)?.sort();
      expect(names).toEqual(["GIVEN", "MEANWHILE_TASK", "MEANWHILE_TEST_FILE", "PATH"]);
    } finally {
      delete process.env["MEANWHILE_TEST_SECRET"];
    }
  });

  it("has a session of its own, no terminal and no stdin", async () => {
    const { output } = await run(
      script("ps -o pid=,sid= $$; cat; read x </dev/tty && echo asked; exit 0"),
    );
    const [pid, session] = output.trim().split(/\s+/);
    expect(session).toBe(pid);
    expect(output).not.toContain("asked\n");
  });

  it("runs in the sandbox that it was granted, which is told of its end", async () => {
    const told: string[] = [];
    const sandbox: CommandGrant["sandbox"] = {
      name: "test",
      wrap: async (command) => ({
        ...command,
        executable: "/usr/bin/env",
        argv: ["env", "SANDBOXED=yes", command.executable, ...command.argv.slice(1)],
        containment: "pid-namespace",
        ended: () => void told.push("ended"),
      }),
    };
    await using task = await fakeTask({ commands });
    const result = await startDirectly(task, script("echo $SANDBOXED"), { sandbox });
    expect(result).toMatchObject({ exitCode: 0 });
    expect(await task.output()).toBe("yes\n");
    expect(task.containment()).toBe("pid-namespace");
    expect(told).toEqual(["ended"]);
  });

  it("does not run when its sandbox cannot be had", async () => {
    const refused = new Error("no sandbox");
    const sandbox: CommandGrant["sandbox"] = {
      name: "test",
      wrap: () => Promise.reject(refused),
    };
    const { result, output } = await run({ argv: ["echo", "ran"] }, { sandbox });
    expect(result).toBe(refused);
    expect(output).toBe("");
  });
});

describe("the output of a command that was started directly", () => {
  it("holds stdout and stderr in the order in which they came", async () => {
    await using task = await fakeTask({ commands });
    const text =
      "for i in 1 2 3; do echo out$i; read x; echo err$i >&2; read x; done; printf 'no newline'";
    const running = startDirectly(task, { argv: ["sh", "-c", text], stdin: "open" });
    let expected = "";
    for (const i of [1, 2, 3]) {
      for (const name of ["out", "err"]) {
        expected += `${name}${i}\n`;
        await vi.waitUntil(async () => (await task.output().catch(() => "")) === expected, 10_000);
        task.send("\n");
      }
    }
    await running;
    expect(await task.output()).toBe(`${expected}no newline`);
  });

  it("is readable by its owner alone", async () => {
    await using task = await fakeTask({ commands });
    await startDirectly(task, { argv: ["echo", "x"] });
    const { mode } = await stat(join(task.directory, "output"));
    expect((mode & 0o777).toString(8)).toBe("600");
  });

  it.each([1, 99_999, 100_001])(
    "is cut exactly at %i bytes, and the exit code stays the command's own",
    async (outputBytes) => {
      const text = "head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2; exit 3";
      for (const limited of [
        run(script(text), {}, { outputBytes }),
        run(script(text), { limits: { outputBytes } }),
      ]) {
        const { result, output } = await limited;
        expect(output).toBe("x".repeat(outputBytes));
        expect(result).toMatchObject({
          code: "EXIT_CODE",
          details: { exitCode: 3, outputBytes, truncated: true },
        });
      }
    },
  );

  it("is not called truncated when it fits exactly", async () => {
    const { result } = await run({ argv: ["printf", "12345"] }, {}, { outputBytes: 5 });
    expect(result).toMatchObject({ outputBytes: 5, truncated: false });
    const more = await run({ argv: ["printf", "123456"] }, {}, { outputBytes: 5 });
    expect(more.result).toMatchObject({ outputBytes: 5, truncated: true });
  });

  it("goes on after that of the earlier attempts, all under one cap", async () => {
    await using task = await fakeTask({ commands, outputBytes: 10 });
    await startDirectly(task, { argv: ["echo", "first"] });
    const second = task.next({ attempt: 2 });
    const result = await startDirectly(second, { argv: ["echo", "second"] });
    expect(result).toMatchObject({ outputBytes: 4, truncated: true });
    expect(await second.output()).toBe("first\nseco");
    const third = task.next({ attempt: 3 });
    expect(await startDirectly(third, { argv: ["echo", "third"] })).toMatchObject({
      outputBytes: 0,
      truncated: true,
    });
  });

  it("is whole, however much of it came at the very end", async () => {
    const text =
      "process.stdout.write('x'.repeat(60_000)); process.stderr.write('y'.repeat(60_000))";
    const { result, output } = await run({ argv: [node, "-e", text] });
    expect(result).toMatchObject({ outputBytes: 120_000, truncated: false });
    expect(output.replaceAll("y", "")).toBe("x".repeat(60_000));
  });

  it("takes 256 MB in and holds next to nothing of it", async () => {
    const printed = script("head -c 268435456 /dev/zero");
    const { value, heldBytes } = await mostHeld(() => run(printed, {}, { outputBytes: 1_000 }));
    expect(value.result).toMatchObject({ outputBytes: 1_000, truncated: true });
    expect(heldBytes).toBeLessThan(mostBuffered);
  });

  it("keeps all of 64 MB and holds little of it at a time", async () => {
    await using task = await fakeTask({ commands });
    const printed = script("head -c 67108864 /dev/zero");
    const { value, heldBytes } = await mostHeld(() => startDirectly(task, printed));
    expect(value).toMatchObject({ outputBytes: 67_108_864, truncated: false });
    expect((await stat(join(task.directory, "output"))).size).toBe(67_108_864);
    expect(heldBytes).toBeLessThan(mostBuffered);
  });

  it("ends the command that prints too much, where the policy says so", async () => {
    const { result, output } = await run(script("yes; true"), {
      limits: { outputBytes: 5_000, overflow: "stop" },
    });
    expect(result).toMatchObject({ code: "OUTPUT_LIMIT" });
    expect(output).toBe("y\n".repeat(2_500));
    expect(await commands.survivors()).toEqual([]);
  });

  it("is never written through a link, and nothing runs then", async () => {
    await using task = await fakeTask({ commands });
    const elsewhere = join(task.directory, "elsewhere");
    await symlink(elsewhere, join(task.directory, "output"));
    expect(await startDirectly(task, { argv: ["echo", "x"] })).toMatchObject({
      code: "SPAWN",
      message: expect.stringContaining("cannot be written"),
    });
    await expect(stat(elsewhere)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("stdin of a command that was started directly", () => {
  it("carries each message as it is, and ends only with the command", async () => {
    await using task = await fakeTask({ commands, messages: ["before", " the start\n"] });
    const text = 'read a; echo "$a"; head -c 5';
    const running = startDirectly(task, { argv: ["sh", "-c", text], stdin: "open" });
    await vi.waitUntil(
      async () => (await task.output().catch(() => "")) === "before the start\n",
      10_000,
    );
    task.send("ab");
    task.send("cde");
    expect(await running).toMatchObject({ exitCode: 0 });
    expect(await task.output()).toBe("before the start\nabcde");
  });

  it("takes a message that no pipe could hold, while the command does not read yet", async () => {
    const messages = ["x".repeat(3_000_000), "go\n"];
    const text = "echo ready; head -c 3000000 | wc -c; read line; echo $line";
    const { result, output } = await run({ ...script(text), stdin: "open" }, {}, { messages });
    expect(result).toMatchObject({ exitCode: 0 });
    expect(output).toBe("ready\n3000000\ngo\n");
  });

  it("may be closed by the command, which is not ended for that", async () => {
    await using task = await fakeTask({ commands });
    const text = "exec <&-; echo closed; while [ ! -e $0 ]; do sleep 0.02; done; exit 4";
    const go = join(task.directory, "go");
    const closed = async () => (await task.output().catch(() => "")) === "closed\n";
    const taken = Promise.withResolvers<void>();
    async function* messages(): AsyncGenerator<string> {
      await vi.waitUntil(closed, 10_000);
      for (let message = 0; message < 3; message++) yield "x".repeat(200_000);
      taken.resolve();
    }
    const context = { ...task.context, messages: messages() };
    const input = { argv: ["sh", "-c", text, go], stdin: "open" } as const;
    const running = startDirectly({ ...task, context }, input);
    await taken.promise;
    await writeFile(go, "");
    expect(await running).toMatchObject({ code: "EXIT_CODE", details: { exitCode: 4 } });
  });
});

describe("what a command that was started directly leaves running", () => {
  it.each([
    ["holds the output open", "sleep 600 & echo hi"],
    ["has closed the output", "sleep 600 >/dev/null 2>&1 & echo hi"],
    ["ignores TERM", "trap '' TERM; sleep 600 & echo hi"],
    ["holds the output open in a session of its own", "setsid sleep 600 & echo hi"],
    ["is stopped", "sleep 600 & kill -STOP $!; echo hi"],
  ])("neither keeps the task waiting nor goes on when it %s", async (_, text) => {
    const start = performance.now();
    const { result, output } = await run(script(text));
    expect(result).toMatchObject({ exitCode: 0, truncated: false, leftRunning: 1 });
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(output).toBe("hi\n");
    expect(await commands.survivors()).toEqual([]);
  });

  it("is reported and left alone, where the policy says so", async () => {
    const { result, output } = await run(script("sleep 600 & echo $!"), { leftovers: "report" });
    expect(result).toMatchObject({ exitCode: 0, leftRunning: 1 });
    expect((result as CommandOutput).durationMs).toBeLessThan(60_000);
    process.kill(Number(output), "SIGKILL");
    await commands.allGone();
  });

  it("settles all the same when it is out of reach and never stops printing", async () => {
    const go = join(tmpdir(), `meanwhile-yes-${process.pid}`);
    const printing = "echo $$; yes | { head -c 8000; : >$0; cat; }";
    const text = `setsid env -i PATH=$PATH sh -c '${printing}' $0 & while [ ! -e $0 ]; do sleep 0.02; done`;
    const input = { argv: ["sh", "-c", text, go] };
    const { result, output } = await run(input, {}, { outputBytes: 4_000 });
    await rm(go);
    expect(result).toMatchObject({ exitCode: 0, outputBytes: 4_000, truncated: true });
    // Then nobody reads what it prints, and that ends it.
    const pid = Number.parseInt(output, 10);
    await vi.waitUntil(async () => (await readProcess(pid)) === undefined, 10_000);
  });
});
