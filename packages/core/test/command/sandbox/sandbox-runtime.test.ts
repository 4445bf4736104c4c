import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { SandboxManager } from "@anthropic-ai/sandbox-runtime";
import { afterEach, describe, expect, it, vi } from "vitest";
import { loadRuntime, type RuntimeManager } from "../../../src/command/sandbox/runtime-package.ts";
import { sandboxRuntime } from "../../../src/command/sandbox/sandbox-runtime.ts";
import { countWithArgument, run, start } from "./inside.ts";
import { missing, runtimePackages } from "./needed-programs.ts";
import { makeCanary, makeFolder, openServer } from "./places.ts";

const absent = missing(runtimePackages);

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe.skipIf(absent !== undefined)(absent ?? "a command in the sandbox runtime", () => {
  it("writes where it may and nowhere else", async () => {
    const [root, other] = [makeFolder(), makeFolder()];
    await using sandbox = sandboxRuntime({ allowWrite: [root] });
    const line = `echo in >file; (echo out >${other}/file) || exit 5`;
    expect(await run(sandbox, line, { cwd: root })).toMatchObject({ code: 5 });
    expect(readFileSync(join(root, "file"), "utf8")).toBe("in\n");
    expect(existsSync(join(other, "file"))).toBe(false);
  });

  it("does not read the user's home, nor what else is denied", async () => {
    const [home, root] = [makeCanary(makeFolder(homedir())), makeFolder()];
    const other = makeCanary(root);
    {
      await using sandbox = sandboxRuntime();
      const { output } = await run(sandbox, `cat ${other}; cat ${home}`, { cwd: "/" });
      expect(output).toMatch(/^tweet\n.*No such file/);
    }
    await using sandbox = sandboxRuntime({ denyRead: [root] });
    const { output } = await run(sandbox, `cat ${home}; cat ${other}`, { cwd: "/" });
    expect(output).toMatch(/^tweet\n.*(No such file|denied)/);
  });

  it("does not reach a server of the machine", async () => {
    const { port, connections } = await openServer();
    await using sandbox = sandboxRuntime();
    const line = `bash -c 'cat </dev/tcp/127.0.0.1/${port}'`;
    const { output } = await run(sandbox, line, { cwd: "/" });
    expect(output).toContain("refused");
    expect(connections()).toBe(0);
  });

  it("has no variable of this process, and sees those of no other one", async () => {
    vi.stubEnv("MEANWHILE_CANARY_TOKEN", "tweet");
    vi.stubEnv("JAVA_TOOL_OPTIONS", "-Dpassword=tweet");
    await using sandbox = sandboxRuntime();
    const line = `env; cat /proc/*/environ; [ ! -e /proc/${process.pid}/environ ] || echo seen`;
    const { output } = await run(sandbox, line, { cwd: "/", env: { GIVEN: "yes" } });
    expect(output).toContain("GIVEN=yes\n");
    expect(output).not.toContain("tweet");
  });

  it("cannot change the kernel's settings, whoever runs it", async () => {
    await using sandbox = sandboxRuntime();
    const line = "[ ! -w /proc/sys/kernel/core_pattern ] || echo writable";
    expect(await run(sandbox, line, { cwd: "/" })).toMatchObject({ code: 0, output: "" });
  });

  it("gets its arguments as they are", async () => {
    await using sandbox = sandboxRuntime();
    const words = ["", "a  b", "it's", '$HOME `id` \\ "x"', "a\nb", "*", "--", "!!", "é😀"];
    const argv = ["printf", "<%s>", ...words];
    const { output } = await run(sandbox, "", { executable: "/usr/bin/printf", argv, cwd: "/" });
    expect(output).toBe(words.map((word) => `<${word}>`).join(""));
  });

  it.each([
    ["exit 0", 0],
    ["exit 77", 77],
    ["kill -SEGV $$", 128 + 11],
  ])("ends with %j as %i", async (line, code) => {
    await using sandbox = sandboxRuntime();
    expect(await run(sandbox, line, { cwd: "/" })).toMatchObject({ code, signal: null });
  });

  it("can clean up when it is cancelled, and leaves no daemon", async () => {
    await using sandbox = sandboxRuntime();
    const seconds = `${process.pid}.0404`;
    const daemon = `setsid env -i setsid sleep ${seconds} >/dev/null 2>&1 &`;
    const line = `${daemon} trap 'echo cleaned; exit 3' TERM; echo up; while :; do sleep 0.01; done`;
    const running = await start(sandbox, line, { cwd: "/" });
    await running.printed("up");
    await expect.poll(() => countWithArgument(seconds), { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await running.end(10_000)).toBe(true);
    const output = expect.stringMatching(/cleaned\n$/);
    expect(await running.ended).toMatchObject({ code: 3, output });
    await expect.poll(() => countWithArgument(seconds), { timeout: 10_000 }).toBe(0);
  });

  it("leaves no empty file behind in the current directory", async () => {
    const root = makeFolder();
    vi.spyOn(process, "cwd").mockReturnValue(root);
    await using sandbox = sandboxRuntime({ allowWrite: [root] });
    const { output } = await run(sandbox, "ls -A", { cwd: root });
    expect(output).toContain(".gitconfig");
    expect(readdirSync(root)).toEqual([]);
  });
});

describe.skipIf(absent !== undefined)(absent ?? "the sandbox runtime", () => {
  it("is shared by sandboxes of the same configuration, and refuses another one", async () => {
    const command = { executable: "/bin/true", argv: ["true"], cwd: "/", env: {} };
    const root = makeFolder();
    await using first = sandboxRuntime({ allowWrite: [root] });
    await using second = sandboxRuntime({ allowWrite: [root] });
    const third = sandboxRuntime({ allowWrite: [makeFolder()] });
    await Promise.all([first.wrap(command), second.wrap(command)]);
    await expect(third.wrap(command)).rejects.toMatchObject({
      code: "SANDBOX",
      message: expect.stringContaining("can have only one"),
    });
    await third.close();
    await first.close();
    await third.wrap(command);
    await third.close();
  });

  it("ends its processes and servers when it is closed", async () => {
    await using sandbox = sandboxRuntime();
    await run(sandbox, "true", { cwd: "/" });
    expect(SandboxManager.getProxyPort()).toBeTypeOf("number");
    const socket = SandboxManager.getLinuxHttpSocketPath() ?? "";
    expect(existsSync(socket)).toBe(true);
    await sandbox.close();
    expect(SandboxManager.getProxyPort()).toBeUndefined();
    expect(existsSync(socket)).toBe(false);
    expect(await run(sandbox, "exit 4", { cwd: "/" })).toMatchObject({ code: 4 });
  });

  it.each([
    ["does not keep commands from writing", { config: { filesystem: { disabled: true } } }],
    ["needs a program that is missing", { config: { bwrapPath: "/nonexistent/bwrap" } }],
  ])("refuses a configuration that %s", async (_, options) => {
    await using sandbox = sandboxRuntime(options);
    await expect(run(sandbox, "true", { cwd: "/" })).rejects.toMatchObject({ code: "SANDBOX" });
  });
});

describe("the package of the sandbox runtime", () => {
  it("is what is used of it", async () => {
    const manager: RuntimeManager = SandboxManager;
    expect(await loadRuntime()).toBe(manager);
  });

  it("is named when it is missing", async () => {
    await expect(loadRuntime("@meanwhile/not-installed")).rejects.toMatchObject({
      code: "SANDBOX",
      message: expect.stringContaining("npm install @meanwhile/not-installed"),
    });
  });

  it("is refused when it is another one", async () => {
    await expect(loadRuntime("execa")).rejects.toMatchObject({
      code: "SANDBOX",
      message: expect.stringContaining("not supported"),
    });
  });
});
