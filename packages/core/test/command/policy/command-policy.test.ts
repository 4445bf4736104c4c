import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { command } from "../../../src/command/definition.ts";
import {
  type CommandPolicyOptions,
  commandPolicy,
} from "../../../src/command/policy/command-policy.ts";
import type { CommandDecision, CommandRequest } from "../../../src/command/policy/policy.ts";
import { refuseCommands } from "../../../src/command/policy/refuse-commands.ts";
import { fakeTask } from "../fake-task.ts";

let base: string;
let root: string;
let bin: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "meanwhile-policy-")));
  root = join(base, "root");
  bin = join(base, "bin");
  await mkdir(join(root, "app"), { recursive: true });
  await mkdir(bin);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(base, { recursive: true, force: true });
});

async function decide(
  options: Omit<CommandPolicyOptions, "root">,
  request: Omit<CommandRequest, "session">,
): Promise<CommandDecision> {
  return commandPolicy({ root, ...options }).decide({ session: "session", ...request });
}

async function script(file: string, mode = 0o755): Promise<void> {
  await writeFile(file, "#!/bin/sh\necho run\n");
  await chmod(file, mode);
}

const echo = { commands: { echo: { arguments: "any" } } } as const;

describe("what may run", () => {
  it("is nothing without a policy", async () => {
    await expect(refuseCommands.decide({ argv: ["ls"], session: "session" })).toEqual({
      allowed: false,
      reason: expect.stringContaining("no command policy is set"),
    });
  });

  it("is exactly what is listed, and a refusal says what that is", async () => {
    const commands = { npm: { arguments: [["test"], ["run", "build"]] }, ls: { arguments: [[]] } };
    expect(await decide({ commands }, { argv: ["npm", "run", "deploy"] })).toEqual({
      allowed: false,
      reason: '"npm run deploy" is not allowed. Allowed: npm test; npm run build; ls.',
    });
    for (const argv of [["npm"], ["npm", "test", "x"], ["ls", "-l"], ["rm"], ["npm test"]]) {
      expect(await decide({ commands }, { argv })).toMatchObject({ allowed: false });
    }
    expect(await decide({ commands }, { argv: ["ls"] })).toMatchObject({ allowed: true });
  });

  it("has to be named barely: no path, no other case, no inherited property", async () => {
    const commands = { ls: { arguments: "any" } } as const;
    const names = ["/bin/ls", "./ls", "LS", "ls ", "lѕ", "__proto__", "constructor", "toString"];
    for (const name of names) {
      expect(await decide({ commands }, { argv: [name] })).toMatchObject({ allowed: false });
    }
  });

  it("grants frozen copies, which later changes of the request do not reach", async () => {
    const argv = ["echo", "safe"];
    const policy = commandPolicy({ root, ...echo });
    const pending = policy.decide({ argv, session: "session" });
    argv[1] = "changed";
    const decision = await pending;
    if (!decision.allowed) throw new Error(decision.reason);
    expect(decision.grant.argv).toEqual(["echo", "safe"]);
    for (const part of [decision.grant, decision.grant.argv, decision.grant.env]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it("is refused at admission and again before the start", async () => {
    const commands = { decide: () => ({ allowed: false, reason: "not today" }) as const };
    const input = { argv: ["ls"] };
    const refusal = { code: "COMMAND_REFUSED", message: "not today" };
    await expect(command.admit?.(input, { commands, session: "session" })).rejects.toMatchObject(
      refusal,
    );
    await using task = await fakeTask({ commands });
    await expect(command.run(input, task.context)).rejects.toMatchObject(refusal);
  });
});

describe("where a program is found", () => {
  const tool = { commands: { tool: { arguments: "any" } } } as const;

  it("is the policy's own path, outside the workspace, executable, the first that fits", async () => {
    const other = join(base, "other");
    for (const folder of [other, join(root, "bin")]) await mkdir(folder);
    await script(join(root, "bin", "tool"));
    await script(join(bin, "tool"), 0o644);
    await script(join(other, "tool"));
    const set = { PATH: `.:${join(root, "bin")}:${bin}:${other}:bin` };
    const decision = await decide({ ...tool, env: { set } }, { argv: ["tool"] });
    expect(decision).toMatchObject({
      grant: { executable: join(other, "tool"), env: { PATH: `${bin}:${other}` } },
    });
  });

  it("is not a link into the workspace, nor a folder that is one", async () => {
    await script(join(root, "tool"));
    await symlink(join(root, "tool"), join(bin, "tool"));
    await symlink(root, join(base, "alias"));
    const set = { PATH: `${bin}:${join(base, "alias")}` };
    expect(await decide({ ...tool, env: { set } }, { argv: ["tool"] })).toMatchObject({
      allowed: false,
      reason: expect.stringContaining("not installed"),
    });
  });

  it("keeps the name under which a program acts, and notices when the link is changed", async () => {
    await script(join(base, "multicall"));
    await script(join(base, "evil"));
    await symlink(join(base, "multicall"), join(bin, "tool"));
    const policy = commandPolicy({ root, ...tool, env: { set: { PATH: bin } } });
    const request = { argv: ["tool"], session: "session" };
    expect(await policy.decide(request)).toMatchObject({
      grant: { executable: join(bin, "tool") },
    });
    await rm(join(bin, "tool"));
    await symlink(join(base, "evil"), join(bin, "tool"));
    expect(await policy.decide(request)).toMatchObject({
      allowed: false,
      reason: expect.stringContaining("replaced"),
    });
  });

  it("does not let a shell be called something else", async () => {
    await symlink("/bin/sh", join(bin, "tool"));
    const set = { PATH: bin };
    expect(await decide({ ...tool, env: { set } }, { argv: ["tool"] })).toMatchObject({
      allowed: false,
    });
  });
});

describe("the working directory", () => {
  it("is the root, or a folder below it, with links followed", async () => {
    await symlink(join(root, "app"), join(root, "link"));
    for (const [cwd, expected] of [
      [undefined, root],
      ["app", join(root, "app")],
      ["./app/../app", join(root, "app")],
      ["link", join(root, "app")],
      [join(root, "app"), join(root, "app")],
    ]) {
      const request = { argv: ["echo"], ...(cwd === undefined ? {} : { cwd }) };
      expect(await decide(echo, request)).toMatchObject({ grant: { cwd: expected } });
    }
  });

  it("cannot leave it, whatever it is called, and does not tell what exists outside", async () => {
    await symlink(base, join(root, "out"));
    await mkdir(join(base, "rootbeer"));
    const outside = ["..", "/", "/no/such", "app/../..", "out", "out/bin", "../rootbeer"];
    for (const cwd of outside) {
      expect(await decide(echo, { argv: ["echo"], cwd })).toEqual({
        allowed: false,
        reason: expect.stringContaining("outside the workspace"),
      });
    }
    await mkdir(join(root, "..app"));
    expect(await decide(echo, { argv: ["echo"], cwd: "..app" })).toMatchObject({ allowed: true });
  });

  it("is named when it does not exist", async () => {
    await expect(decide(echo, { argv: ["echo"], cwd: "missing" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining('"missing" does not exist'),
    });
    await expect(decide(echo, { argv: ["echo"], cwd: "a\0" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });
});

describe("the environment", () => {
  it("holds what is allowed and set, never this process's secrets", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-secret");
    vi.stubEnv("LANG", "C.UTF-8");
    vi.stubEnv("FAVOURITE", "tea");
    const first = await decide(echo, { argv: ["echo"], env: { NO_COLOR: "1" } });
    if (!first.allowed) throw new Error(first.reason);
    expect(first.grant.env).toMatchObject({ LANG: "C.UTF-8", NO_COLOR: "1" });
    const usual = new Set(["PATH", "HOME", "TMPDIR", "LANG", "TZ", "CI", "NO_COLOR"]);
    expect(Object.keys(first.grant.env).filter((name) => !usual.has(name))).toEqual([]);

    const env = { allow: ["FAVOURITE"], set: { DATABASE_URL: "given on purpose" } };
    const second = await decide({ ...echo, env }, { argv: ["echo"] });
    if (!second.allowed) throw new Error(second.reason);
    const { PATH, ...rest } = second.grant.env;
    expect(rest).toEqual({ FAVOURITE: "tea", DATABASE_URL: "given on purpose" });
    expect(PATH).not.toBe("");
  });

  it.each([
    ...["PATH", "HOME", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "NODE_OPTIONS", "BASH_ENV", "ENV"],
    ...["GIT_SSH_COMMAND", "PYTHONSTARTUP", "PERL5OPT", "EDITOR", "RIPGREP_CONFIG_PATH", "IFS"],
    ...["npm_config_script_shell", "OPENAI_API_KEY", "MEANWHILE_TASK", "A B", "", "__proto__"],
  ])("does not let a request set %s", async (name) => {
    const env = Object.fromEntries([[name, "x"]]);
    expect(await decide(echo, { argv: ["echo"], env })).toMatchObject({
      allowed: false,
      reason: expect.stringContaining("Allowed: CI, COLUMNS"),
    });
  });
});

describe("a policy that makes no sense", () => {
  it.each<[string, unknown]>([
    ["no root", { root: "", commands: {} }],
    ["a path for a name", { commands: { "./x": { arguments: [] } } }],
    ["a look-alike letter", { commands: { lѕ: { arguments: [] } } }],
    ["a flag for a name", { commands: { "-x": { arguments: [] } } }],
    ["no arguments", { commands: { ls: {} } }],
    ["arguments that are one list", { commands: { npm: { arguments: ["test"] } } }],
    ["a NUL in an argument", { commands: { ls: { arguments: [["\0"]] } } }],
    ["an inherited secret", { commands: {}, env: { allow: ["GITHUB_TOKEN"] } }],
    ["an inherited loader variable", { commands: {}, env: { allow: ["LD_LIBRARY_PATH"] } }],
    ["a request that may set PATH", { commands: {}, env: { request: ["PATH"] } }],
    ["a request that may set NODE_OPTIONS", { commands: {}, env: { request: ["NODE_OPTIONS"] } }],
    ["a reserved variable", { commands: {}, env: { set: { MEANWHILE_TASK: "x" } } }],
    ["a variable that is a number", { commands: {}, env: { set: { A: 1 } } }],
    ["a variable no shell passes on", { commands: {}, env: { set: { "a.b": "x" } } }],
  ])("is refused when it is made: %s", (_, options) => {
    const make = () => commandPolicy({ root: "/tmp", ...(options as object) } as never);
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });

  it.each([
    ...["sh", "bash", "node", "python3.11", "perl5", "env", "xargs", "find", "timeout", "git"],
    ...["npx", "ssh", "sudo", "busybox", "awk", "ld-linux-x86-64.so.2"],
  ])("lets %s run only with exact argument lists", (name) => {
    const make = (list: "any" | string[][]) => () =>
      commandPolicy({ root: "/tmp", commands: { [name]: { arguments: list } } });
    expect(make("any")).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    expect(make([["exactly", "this"]])).not.toThrow();
  });
});

describe("a command under a policy", () => {
  it("runs in its folder with its environment", async () => {
    const node = { arguments: [["-p", "JSON.stringify([process.cwd(), process.env.TZ])"]] };
    const env = { set: { PATH: join(process.execPath, "..") } };
    const commands = commandPolicy({ root, env, commands: { node } });
    await using task = await fakeTask({ commands });
    const argv = ["node", ...(node.arguments[0] ?? [])];
    await command.run({ argv, cwd: "app", env: { TZ: "UTC" } }, task.context);
    expect(JSON.parse(await task.output())).toEqual([join(root, "app"), "UTC"]);
  });
});
