import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { approvalHash } from "../../../src/command/approval/approval-hash.ts";
import {
  type Approve,
  type BackgroundManager,
  type CommandDecision,
  type CommandGrant,
  type CommandPolicy,
  command,
  type ManagerEventOf,
  type ManagerOptions,
  type Session,
} from "../../../src/index.ts";
import { createWorld, gate, type World } from "../../support/world.ts";
import { anyCommand } from "../any-command.ts";
import { type Approver, createApprover } from "./approver.ts";

const environment = anyCommand(`approval-${process.pid}`);
const append = { argv: ["note", "once"] };
let world: World;
let folder: string;
let program: string;
let approver: Approver;

beforeEach(async () => {
  world = await createWorld("sqliteStore");
  folder = join(world.directory, "work");
  program = join(world.directory, "note");
  await mkdir(folder);
  await writeFile(program, noteScript, { mode: 0o755 });
  approver = createApprover();
});

afterEach(() => world[Symbol.asyncDispose]());

afterAll(async () => {
  expect(await environment.endSurvivors()).toEqual([]);
});

/** Adds a line to a file of the folder that it runs in. */
const noteScript = '#!/bin/sh\nprintf "%s\\n" "$1" >>notes\n';

function notes(): string {
  const file = join(folder, "notes");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** Asks about every command; `changes` are looked up each time. */
function asking(
  changes: { grant?: Partial<CommandGrant>; decision?: "allow" } = {},
): CommandPolicy {
  return {
    async decide(request): Promise<CommandDecision> {
      const any = await environment.decide(request);
      if (any.decision !== "allow") throw new Error("allows any command");
      const { argv = [] } = request;
      const executable = argv[0] === "note" ? program : any.grant.executable;
      const grant = { ...any.grant, executable, cwd: folder, ...changes.grant };
      if (changes.decision === "allow") return { decision: "allow", grant };
      return { decision: "ask", grant, reason: "It writes a note." };
    },
    approve: approver.approve,
  };
}

function open(options: ManagerOptions = {}): { manager: BackgroundManager; session: Session } {
  const manager = world.manager({ tasks: [command], commands: asking(), ...options });
  return { manager, session: manager.session("chat") };
}

describe("a command that needs a yes", () => {
  test("is asked about as what it is, waits visibly, and runs once after the yes", async () => {
    const { session } = open();
    const task = await session.start(command, append);
    const { request, answer } = await approver.asked();
    expect(request).toMatchObject({
      taskId: task.id,
      session: "chat",
      text: `${program} once (cwd ${folder})`,
      reason: "It writes a note.",
      expiresAt: world.clock.now() + 600_000,
    });
    expect(request.hash).toBe(approvalHash(request.grant));
    expect(Object.isFrozen(request)).toBe(true);
    expect(await task.snapshot()).toMatchObject({ status: "running", waiting: "approval" });
    await session.notifications.wait();
    const { notifications, text } = await session.notifications.receive();
    expect(notifications).toMatchObject([{ kind: "message", taskId: task.id, status: "running" }]);
    expect(text).toContain(`Waits for approval: ${request.text}`);
    expect(notes()).toBe("");
    answer(true);
    expect(await task.result()).toMatchObject({ exitCode: 0 });
    expect(notes()).toBe("once\n");
    expect(approver.questions).toHaveLength(1);
    expect(world.clock.pendingTimers).toBeLessThan(5);
  });

  const noes: readonly (readonly [string, Approve])[] = [
    ["false", () => false],
    ["undefined", () => undefined as never],
    ["1", () => 1 as never],
    ['"true"', () => "true" as never],
    ["an object", () => ({ approved: true }) as never],
    ["a promise of false", () => Promise.resolve(false)],
    ["a throw", () => fail()],
    ["a rejection", () => Promise.reject(new Error("the approver is broken"))],
  ];
  test.each(noes)("does not run when the answer is %s", async (answer, approve) => {
    const { manager, session } = open({ commands: { ...asking(), approve } });
    const events: ManagerEventOf<"command-approval">[] = [];
    manager.on("command-approval", (event) => events.push(event));
    const task = await session.start(command, append);
    await expect(task.result()).rejects.toMatchObject({
      code: "COMMAND_REFUSED",
      message: expect.stringContaining("was not approved"),
    });
    expect(notes()).toBe("");
    expect(events).toMatchObject([{ taskId: task.id, name: "command", approved: false }]);
    const failed = answer === "a throw" || answer === "a rejection";
    expect("error" in (events[0] ?? {})).toBe(failed);
  });

  test("does not run when nobody answers in time", async () => {
    const { manager, session } = open({ commands: { ...asking(), approvalMs: 5_000 } });
    const events: ManagerEventOf<"command-approval">[] = [];
    manager.on("command-approval", (event) => events.push(event));
    const task = await session.start(command, append);
    const { request, signal, answer } = await approver.asked();
    expect(request.expiresAt).toBe(world.clock.now() + 5_000);
    await world.clock.advance(4_999);
    expect(signal.aborted).toBe(false);
    await world.clock.advance(1);
    await expect(task.result()).rejects.toMatchObject({
      code: "COMMAND_REFUSED",
      message: expect.stringContaining("expired"),
    });
    expect(signal.aborted).toBe(true);
    answer(true);
    await world.clock.settle();
    expect(events).toMatchObject([{ approved: false, waitedMs: 5_000 }]);
    expect(notes()).toBe("");
  });

  test("is asked about again for every task and every attempt", async () => {
    const failing = {
      ...command,
      name: "twice",
      retry: { attempts: 2, delayMs: 0, jitter: false },
    };
    const { session } = open({ tasks: [failing] });
    const task = await session.start(failing, { argv: ["sh", "-c", "echo no; exit 3"] });
    const ended = task.result().catch((error: unknown) => error);
    (await approver.asked(0)).answer(true);
    while (approver.questions.length < 2) {
      await new Promise(setImmediate);
      await world.clock.advance(1);
    }
    const again = await approver.asked(1);
    expect(again.request.hash).toBe(approver.questions[0]?.request.hash);
    again.answer(false);
    expect(await ended).toMatchObject({ code: "COMMAND_REFUSED" });
  });

  test("holds up no other: each has its own question and answer", async () => {
    const { session } = open({ limits: { concurrency: 1 } });
    const tasks = [];
    for (const word of ["a", "b", "c"]) {
      tasks.push(await session.start(command, { argv: ["note", word] }));
    }
    const other = await session.start(() => "done meanwhile");
    await approver.asked(2);
    expect(await other.result()).toBe("done meanwhile");
    const question = (word: string) =>
      approver.questions.find(({ request }) => request.text.startsWith(`${program} ${word} `));
    expect(new Set(approver.questions.map(({ request }) => request.hash)).size).toBe(3);
    question("c")?.answer(true);
    question("b")?.answer(false);
    question("a")?.answer(true);
    const results = await Promise.allSettled(tasks.map((task) => task.result()));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(notes().split("\n").toSorted()).toEqual(["", "a", "c"]);
  });

  test("has all of its time left when the yes comes late", async () => {
    const { session } = open();
    const task = await session.start(command, append, { timeoutMs: 60_000 });
    const { answer } = await approver.asked();
    await world.clock.advance(500_000);
    answer(true);
    expect(await task.result()).toMatchObject({ exitCode: 0 });
  });

  test("does not run when its slot came later than the yes lasts", async () => {
    const commands = { ...asking(), approvalMs: 5_000 };
    const { session } = open({ commands, limits: { concurrency: 1 } });
    const task = await session.start(command, append);
    const { answer } = await approver.asked();
    const hold = gate();
    const other = await session.start(() => hold.opened);
    answer(true);
    await world.until(async () => (await task.snapshot()).waiting === "its turn");
    await world.clock.advance(5_000);
    hold.open();
    await other.result();
    await expect(task.result()).rejects.toMatchObject({
      code: "COMMAND_REFUSED",
      message: expect.stringContaining("expired"),
    });
    expect(notes()).toBe("");
  });
});

describe("while a command waits for a yes", () => {
  test("it can be cancelled, and a late yes starts nothing", async () => {
    const { session } = open();
    const task = await session.start(command, append);
    const { answer, signal } = await approver.asked();
    expect(await task.cancel("changed my mind")).toBe(true);
    expect(signal.aborted).toBe(true);
    answer(true);
    await world.clock.settle();
    expect(await task.snapshot()).toMatchObject({ status: "cancelled", waiting: null });
    expect(notes()).toBe("");
  });

  test("the manager can close and cancel it", async () => {
    const { manager, session } = open();
    const task = await session.start(command, append);
    const { signal } = await approver.asked();
    await manager.close();
    expect(signal.aborted).toBe(true);
    expect(world.clock.pendingTimers).toBe(0);
    const next = await open().session.get(task.id);
    expect((await next.snapshot()).status).toBe("cancelled");
  });

  test("the manager can close and wait for it", async () => {
    const { manager, session } = open({ limits: { concurrency: 1 } });
    const task = await session.start(command, append);
    const { answer } = await approver.asked();
    const closing = manager.close({ running: "wait" });
    answer(true);
    await closing;
    expect(notes()).toBe("once\n");
    const next = await open().session.get(task.id);
    expect((await next.snapshot()).status).toBe("completed");
  });

  test("the manager can close and leave it: the next one asks again", async () => {
    const { manager, session } = open();
    const { id } = await session.start(command, append);
    const former = await approver.asked(0);
    await manager.close({ running: "leave" });
    expect(former.signal.aborted).toBe(true);
    former.answer(true);
    const task = await open().session.get(id);
    const { request, answer } = await approver.asked(1);
    expect(request).toMatchObject({ taskId: id, hash: former.request.hash });
    expect(await task.snapshot()).toMatchObject({ status: "running", waiting: "approval" });
    expect(notes()).toBe("");
    answer(true);
    await task.result();
    expect(notes()).toBe("once\n");
  });

  test("the manager can be killed: the next one asks again, and it runs once", async () => {
    const { manager, crash } = world.mortal({ tasks: [command], commands: asking() });
    const { id } = await manager.session("chat").start(command, append);
    const former = await approver.asked(0);
    crash();
    await world.clock.advance(60_000);
    const task = await open().session.get(id);
    const { answer } = await approver.asked(1);
    former.answer(true);
    await world.clock.settle();
    expect(notes()).toBe("");
    answer(true);
    await task.result();
    expect(notes()).toBe("once\n");
  });

  test("the next manager may have nobody to ask: then the answer is no", async () => {
    const { manager, session } = open();
    const { id } = await session.start(command, append);
    await approver.asked();
    await manager.close({ running: "leave" });
    const { approve: _approve, ...commands } = asking();
    const task = await open({ commands }).session.get(id);
    await expect(task.result()).rejects.toMatchObject({
      code: "COMMAND_REFUSED",
      message: expect.stringContaining("nobody can approve"),
    });
    expect(notes()).toBe("");
  });

  const drifts: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["the program is replaced", () => replaceProgram("#!/bin/sh\necho evil >>notes\n")],
    ["the program is replaced by its like", () => replaceProgram(noteScript)],
    ["the program is written to", () => writeFile(program, "#!/bin/sh\necho evil >>notes\n")],
    ["the program is removed", () => rm(program)],
    ["the folder is removed", () => rm(folder, { recursive: true })],
    ["the folder is replaced", replaceFolder],
  ];
  test.each(drifts)("%s: the yes is for nothing", async (_, drift) => {
    const { session } = open();
    const task = await session.start(command, append);
    const { answer } = await approver.asked();
    await drift();
    answer(true);
    await expect(task.result()).rejects.toMatchObject({
      code: "COMMAND_REFUSED",
      message: expect.stringContaining("changed since it was approved"),
    });
    expect(notes()).toBe("");
  });

  const minds: readonly (readonly [string, Partial<CommandGrant>])[] = [
    ["other arguments", { argv: ["note", "twice"] }],
    ["another variable", { env: { PATH: "/usr/bin:/bin", A: "1" } }],
    ["other limits", { limits: { processes: 1 } }],
  ];
  test.each(minds)("the policy changes its mind, %s: the yes is for nothing", async (_, grant) => {
    const changes: { grant?: Partial<CommandGrant> } = {};
    const { session } = open({ commands: asking(changes) });
    const task = await session.start(command, append);
    const { answer } = await approver.asked();
    changes.grant = grant;
    answer(true);
    await expect(task.result()).rejects.toMatchObject({ code: "COMMAND_REFUSED" });
    expect(notes()).toBe("");
  });

  test("whoever approves cannot change what runs", async () => {
    const shared = { ...append, executable: program, cwd: folder, env: { PATH: "/usr/bin:/bin" } };
    const grant = { ...shared, argv: [...append.argv] };
    const commands: CommandPolicy = {
      decide: () => ({ decision: "ask", grant, reason: "" }),
      approve({ grant: shown }) {
        (shown.argv as string[])[1] = "other";
        return true;
      },
    };
    const task = await open({ commands }).session.start(command, append);
    await expect(task.result()).rejects.toMatchObject({ code: "COMMAND_REFUSED" });
    expect(notes()).toBe("");
  });

  test("the policy may come to allow it: then the yes still counts", async () => {
    const changes: { decision?: "allow" } = {};
    const { session } = open({ commands: asking(changes) });
    const task = await session.start(command, append);
    const { answer } = await approver.asked();
    changes.decision = "allow";
    answer(true);
    await task.result();
    expect(notes()).toBe("once\n");
  });

  test("the policy may come to deny it: then the reason is the policy's", async () => {
    let denies = false;
    const { decide, ...rest } = asking();
    const commands: CommandPolicy = {
      ...rest,
      decide: (request) =>
        denies ? { decision: "deny", reason: "Not any more." } : decide(request),
    };
    const { session } = open({ commands });
    const task = await session.start(command, append);
    const { answer } = await approver.asked();
    denies = true;
    answer(true);
    await expect(task.result()).rejects.toMatchObject({
      code: "COMMAND_REFUSED",
      message: "Not any more.",
    });
  });
});

test("without anybody who can approve it is refused at the start, and nothing is stored", async () => {
  const { approve: _approve, ...commands } = asking();
  const { session } = open({ commands });
  await expect(session.start(command, append)).rejects.toMatchObject({
    code: "COMMAND_REFUSED",
    message: "The command needs approval, and nobody can approve here. It writes a note.",
  });
  expect(await session.list()).toEqual([]);
});

test("a command that runs already is not asked about by the manager that takes it up", async () => {
  const { manager, session } = open();
  const script = "echo up; while [ ! -e go ]; do sleep 0.02; done; exit 7";
  const task = await session.start(command, { argv: ["sh", "-c", script] });
  (await approver.asked()).answer(true);
  while (!(await task.output()).text.includes("up")) await new Promise(setImmediate);
  await manager.close({ running: "leave" });
  const again = await open().session.get(task.id);
  const ended = again.result().catch((error: unknown) => error);
  await writeFile(join(folder, "go"), "");
  while ((await again.snapshot()).status === "running") {
    await new Promise(setImmediate);
    await world.clock.advance(500);
  }
  expect(await ended).toMatchObject({ code: "EXIT_CODE", details: { exitCode: 7 } });
  expect(approver.questions).toHaveLength(1);
});

test("a long command is shown in full to whoever approves, and cut to whoever is told", async () => {
  const { session } = open();
  const word = "x".repeat(20_000);
  const task = await session.start(command, { argv: ["note", word] });
  const { request, answer } = await approver.asked();
  expect(request.text).toBe(`${program} ${word} (cwd ${folder})`);
  await session.notifications.wait();
  const [told] = world.history.steps.flatMap(({ change }) =>
    change.type === "notify" ? [change.notification] : [],
  );
  expect(told?.text).toMatch(/\(the first 3800 of \d+ characters\)$/);
  answer(false);
  await expect(task.result()).rejects.toMatchObject({ code: "COMMAND_REFUSED" });
});

const unusable: readonly (readonly [string, object])[] = [
  ["approvalMs NaN", { approvalMs: Number.NaN }],
  ["approvalMs -1", { approvalMs: -1 }],
  ["approvalMs 0", { approvalMs: 0 }],
  ["approvalMs Infinity", { approvalMs: Number.POSITIVE_INFINITY }],
  ["approvalMs as a text", { approvalMs: "1000" }],
  ["approve that is no function", { approve: true }],
];
test.each(unusable)("a policy with %s is refused", (_, fields) => {
  const commands = { ...asking(), ...fields } as CommandPolicy;
  expect(() => world.manager({ commands })).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION" }),
  );
});

const undecided: readonly (readonly [string, unknown])[] = [
  ["nothing", undefined],
  ["null", null],
  ["an unknown word", { decision: "maybe", grant: {} }],
  ["the old shape", { allowed: true, grant: {} }],
];
test.each(undecided)("a policy that gives %s allows nothing", async (_, decision) => {
  const { session } = open({ commands: { decide: () => decision as never } });
  await expect(session.start(command, append)).rejects.toMatchObject({ code: "COMMAND_REFUSED" });
});

function fail(): never {
  throw new Error("the approver is broken");
}

async function replaceProgram(text: string): Promise<void> {
  await writeFile(`${program}.new`, text, { mode: 0o755 });
  await rename(`${program}.new`, program);
}

async function replaceFolder(): Promise<void> {
  await rename(folder, `${folder}.old`);
  await mkdir(folder);
}
