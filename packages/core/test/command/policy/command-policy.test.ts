import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { command } from "../../../src/command/definition.ts";
import { commandPolicy } from "../../../src/command/policy/command-policy.ts";
import type { CommandPolicyOptions } from "../../../src/command/policy/options.ts";
import type { CommandDecision, CommandRequest } from "../../../src/command/policy/policy.ts";
import { refuseCommands } from "../../../src/command/policy/refuse-commands.ts";
import type { CommandRule } from "../../../src/command/policy/rule.ts";
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

const any = { arguments: "any" };
const echo = { commands: { echo: { arguments: "any" } } } as const;

describe("what may run", () => {
  it("is nothing without a policy", async () => {
    expect(await refuseCommands.decide({ argv: ["ls"], session: "session" })).toEqual({
      decision: "deny",
      reason: expect.stringContaining("No command is allowed here: no command policy is set"),
    });
  });

  it("is exactly what is listed, and a refusal says what that is", async () => {
    const commands = { npm: { arguments: [["test"], ["run", "build"]] }, ls: { arguments: [[]] } };
    expect(await decide({ commands }, { argv: ["npm", "run", "deploy"] })).toEqual({
      decision: "deny",
      reason:
        '"npm run deploy" is not allowed: these are not exactly the arguments listed. Allowed: npm test; npm run build.',
    });
    expect(await decide({ commands }, { argv: ["rm", "x"] })).toEqual({
      decision: "deny",
      reason: '"rm" is not allowed. Allowed: npm test; npm run build; ls.',
    });
    for (const argv of [["npm"], ["npm", "test", "x"], ["ls", "-l"], ["rm"], ["npm test"]]) {
      expect(await decide({ commands }, { argv })).toMatchObject({ decision: "deny" });
    }
    expect(await decide({ commands }, { argv: ["ls"] })).toMatchObject({ decision: "allow" });
  });

  it("has to be named barely: no path, no other case, no inherited property", async () => {
    const commands = { ls: { arguments: "any" } } as const;
    const names = ["/bin/ls", "./ls", "LS", "ls ", "lѕ", "__proto__", "constructor", "toString"];
    for (const name of names) {
      expect(await decide({ commands }, { argv: [name] })).toMatchObject({ decision: "deny" });
    }
  });

  it("grants frozen copies, which later changes of the request do not reach", async () => {
    const argv = ["echo", "safe"];
    const policy = commandPolicy({ root, ...echo });
    const decision = await policy.decide({ argv, session: "session" });
    argv[1] = "changed";
    if (decision.decision !== "allow") throw new Error(decision.reason);
    expect(decision.grant.argv).toEqual(["echo", "safe"]);
    for (const part of [decision.grant, decision.grant.argv, decision.grant.env]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it("is what a request says when it is first read", async () => {
    const policy = commandPolicy({ root, commands: { echo: { arguments: [[]] } } });
    let reads = 0;
    const next = <Value>(first: Value, later: Value): Value => (reads++ === 0 ? first : later);
    const session = "session";
    class Misleading extends Array<string> {
      override *[Symbol.iterator](): ArrayIterator<string> {
        yield* next(["echo"], ["echo", "more"]);
      }
    }
    const misleading = new Proxy(["echo"], {
      get: (list, key) => (key === "0" ? next("echo", "cat") : Reflect.get(list, key)),
    });
    const requests: readonly CommandRequest[] = [
      {
        session,
        get argv() {
          return next(["echo"], ["cat"]);
        },
      },
      {
        session,
        argv: ["echo"],
        get cwd() {
          return next(".", "..");
        },
      },
      { session, argv: misleading },
      { session, argv: Misleading.from(["cat"]) },
      { session, argv: ["echo"], env: Object.create({ LD_PRELOAD: "x" }) },
    ];
    for (const request of requests) {
      reads = 0;
      const decision = await policy.decide(request);
      expect(decision).toMatchObject({ decision: "allow", grant: { argv: ["echo"], cwd: root } });
      expect(JSON.stringify(decision)).not.toContain("LD_PRELOAD");
    }
  });

  it("is refused at admission and again before the start", async () => {
    const commands = { decide: () => ({ decision: "deny", reason: "not today" }) as const };
    const input = { argv: ["ls"] };
    const refusal = { code: "COMMAND_REFUSED", message: "not today" };
    await expect(command.admit?.(input, { commands, session: "session" })).rejects.toMatchObject(
      refusal,
    );
    await using task = await fakeTask({ commands });
    await expect(command.run(input, task.context)).rejects.toMatchObject(refusal);
  });
});

describe("several rules for a program", () => {
  const commands = {
    npm: [
      { decision: "ask", arguments: "any" },
      { arguments: [["test"]] },
      { decision: "ask", arguments: [["test"]] },
    ],
    ls: [{ arguments: [[]] }, { arguments: { flags: { "-l": "none" } } }],
    git: { decision: "ask", arguments: [["status"]] },
  } as const satisfies CommandPolicyOptions["commands"];

  it("allow what one of them allows, whatever another asks about", async () => {
    expect(await decide({ commands }, { argv: ["npm", "test"] })).toMatchObject({
      decision: "allow",
    });
    for (const argv of [["ls"], ["ls", "-l"]]) {
      expect(await decide({ commands }, { argv })).toMatchObject({ decision: "allow" });
    }
  });

  it("ask where none allows and one asks, with the grant and a reason", async () => {
    const approve = () => true;
    expect(await decide({ commands, approve }, { argv: ["npm", "run", "x"] })).toEqual({
      decision: "ask",
      reason: '"npm run x" needs a yes before it runs.',
      grant: expect.objectContaining({ argv: ["npm", "run", "x"], cwd: root }),
    });
  });

  it("say so when nobody can be asked", async () => {
    expect(await decide({ commands }, { argv: ["npm"] })).toMatchObject({
      decision: "ask",
      reason: expect.stringContaining("Nobody can say yes here"),
    });
  });

  it("refuse with what the rule that understood most did not understand", async () => {
    expect(await decide({ commands }, { argv: ["ls", "-l", "-a"] })).toEqual({
      decision: "deny",
      reason: '"ls -l -a" is not allowed: the flag "-a" is not allowed. Allowed: ls; ls [-l].',
    });
    expect(await decide({ commands }, { argv: ["git", "push"] })).toMatchObject({
      decision: "deny",
      reason: expect.stringMatching(/Allowed: git status \(asks first\)\.$/),
    });
  });
});

describe("a grant", () => {
  it("has the limits, the leftovers and the sandbox of the policy", async () => {
    const sandbox = { name: "none", wrap: () => Promise.reject(new Error("unused")) };
    const limits = { timeMs: 1_000, processes: 5, overflow: "stop" } as const;
    const options = { ...echo, limits, leftovers: "report", sandbox } as const;
    const decision = await decide(options, { argv: ["echo"] });
    if (decision.decision !== "allow") throw new Error(decision.reason);
    expect(decision.grant).toMatchObject({ limits, leftovers: "report" });
    expect(decision.grant.sandbox).toBe(sandbox);
    expect(Object.isFrozen(decision.grant.limits)).toBe(true);
    const bare = await decide(echo, { argv: ["echo"] });
    expect(Object.keys("grant" in bare ? bare.grant : {})).toEqual([
      ...["executable", "argv", "cwd", "env"],
    ]);
  });

  it("leaves the answer to the policy's approve, within its time", () => {
    const approve = () => true;
    const policy = commandPolicy({ root, ...echo, approve, approvalMs: 5_000 });
    expect(policy).toMatchObject({ approve, approvalMs: 5_000 });
    expect(Object.keys(commandPolicy({ root, ...echo }))).toEqual(["decide"]);
  });
});

describe("characters that cannot be seen", () => {
  it.each([
    ["a carriage return", "a\rb"],
    ["an escape", "\u001b[2K"],
    ["a C1 control", "\u009b2K"],
    ["a right-to-left override", "safe \u202e DENWP"],
    ["a zero-width space", "a\u200bb"],
    ["a tag character", "a\u{e0061}"],
    ["a line separator", "a\u2028b"],
    ["a pile of marks", `a${"\u0301".repeat(9)}`],
  ])("make it ask: %s", async (_, text) => {
    const approve = () => true;
    const decision = await decide({ ...echo, approve }, { argv: ["echo", "x", text] });
    expect(decision).toMatchObject({
      decision: "ask",
      reason: "It has control or invisible characters, so that it may not be what it seems.",
      grant: { argv: ["echo", "x", text] },
    });
  });

  it("are looked for in the folder and the variables too", async () => {
    await mkdir(join(root, "a\u200b"));
    for (const request of [{ cwd: "a\u200b" }, { env: { TZ: "UTC\u202e" } }]) {
      expect(await decide(echo, { argv: ["echo"], ...request })).toMatchObject({ decision: "ask" });
    }
  });

  it.each(["a\nb\tc", "naïve", "日本語", "👩‍👩‍👧", "é"])("are not in %j", async (text) => {
    expect(await decide(echo, { argv: ["echo", text] })).toMatchObject({ decision: "allow" });
  });

  it("do not make a refusal a question", async () => {
    expect(await decide(echo, { argv: ["rm", "\u202e"] })).toMatchObject({ decision: "deny" });
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
      decision: "deny",
      reason: expect.stringContaining("not installed"),
    });
  });

  it("is nowhere when the workspace is the whole machine, and the reason says so", async () => {
    const policy = commandPolicy({ root: "/", commands: { ls: { arguments: [[]] } } });
    expect(await policy.decide({ argv: ["ls"], session: "s" })).toMatchObject({
      decision: "deny",
      reason: expect.stringContaining("all of PATH lies in the workspace"),
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
      decision: "deny",
      reason: expect.stringContaining("replaced"),
    });
  });

  it("does not let a shell be called something else", async () => {
    await symlink("/bin/sh", join(bin, "tool"));
    const set = { PATH: bin };
    expect(await decide({ ...tool, env: { set } }, { argv: ["tool"] })).toMatchObject({
      decision: "deny",
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
        decision: "deny",
        reason: expect.stringContaining("outside the workspace"),
      });
    }
    await mkdir(join(root, "..app"));
    expect(await decide(echo, { argv: ["echo"], cwd: "..app" })).toMatchObject({
      decision: "allow",
    });
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
    if (first.decision !== "allow") throw new Error(first.reason);
    expect(first.grant.env).toMatchObject({ LANG: "C.UTF-8", NO_COLOR: "1" });
    const usual = new Set(["PATH", "HOME", "TMPDIR", "LANG", "TZ", "CI", "NO_COLOR"]);
    expect(Object.keys(first.grant.env).filter((name) => !usual.has(name))).toEqual([]);

    const env = { allow: ["FAVOURITE"], set: { DATABASE_URL: "given on purpose" } };
    const second = await decide({ ...echo, env }, { argv: ["echo"] });
    if (second.decision !== "allow") throw new Error(second.reason);
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
      decision: "deny",
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
    ["an option nobody knows", { commands: {}, limit: { timeMs: 1 } }],
    ["no commands", {}],
    ["no rules", { commands: { ls: undefined } }],
    ["a decision nobody knows", { commands: { ls: { decision: "maybe", arguments: [[]] } } }],
    ["a rule with an unknown field", { commands: { ls: { argument: [[]], arguments: [[]] } } }],
    ["one wrong rule of two", { commands: { ls: [{ arguments: [[]] }, { arguments: "all" }] } }],
    ["any arguments for a shell, second", { commands: { sh: [{ arguments: [[]] }, any] } }],
    ["an unknown limit", { commands: {}, limits: { seconds: 1 } }],
    ["a limit of 0", { commands: {}, limits: { timeMs: 0 } }],
    ["half a process", { commands: {}, limits: { processes: 0.5 } }],
    ["a limit that is a text", { commands: {}, limits: { memoryBytes: "1" } }],
    ["limits that are a number", { commands: {}, limits: 5 }],
    ["an overflow nobody knows", { commands: {}, limits: { overflow: "block" } }],
    ["leftovers nobody knows", { commands: {}, leftovers: "kill" }],
    ["a shell that is true", { commands: {}, shell: true }],
    ["an approver that is no function", { commands: {}, approve: true }],
    ["a question without time", { commands: {}, approvalMs: 0 }],
    ["a sandbox that wraps nothing", { commands: {}, sandbox: { name: "bwrap" } }],
  ])("is refused when it is made: %s", (_, options) => {
    const make = () => commandPolicy({ root: "/tmp", ...(options as object) } as never);
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });

  it.each([
    ...["sh", "bash", "node", "python3.11", "perl5", "env", "xargs", "find", "timeout", "git"],
    ...["npx", "ssh", "sudo", "busybox", "awk", "ld-linux-x86-64.so.2"],
    ...["sort", "split", "wget", "gcc-12", "pytest", "eslint", "terraform"],
  ])("lets %s run any arguments only with a yes", (name) => {
    const make = (rule: CommandRule) => () =>
      commandPolicy({ root: "/tmp", commands: { [name]: rule } });
    expect(make({ arguments: "any" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(name) }),
    );
    expect(make({ arguments: "any", decision: "ask" })).not.toThrow();
    expect(make({ arguments: [["exactly", "this"]] })).not.toThrow();
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
