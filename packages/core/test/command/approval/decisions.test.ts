import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type CommandDecision,
  type CommandPolicy,
  command,
  commandPolicy,
  type ManagerEventOf,
  type ManagerOptions,
} from "../../../src/index.ts";
import { createWorld, type World } from "../../support/world.ts";

type Decision = ManagerEventOf<"command-decision">;
let world: World;
let root: string;

beforeEach(async () => {
  world = await createWorld();
  root = join(world.directory, "work");
  await mkdir(root);
});

afterEach(() => world[Symbol.asyncDispose]());

/** Starts one command, and gives what was decided until it ended. */
async function decisions(
  commands: CommandPolicy,
  input: object = { argv: ["echo", "a b"] },
  options: ManagerOptions = {},
): Promise<readonly Decision[]> {
  const manager = world.manager({ tasks: [command], commands, ...options });
  const seen: Decision[] = [];
  manager.on("command-decision", (event) => seen.push(event));
  const task = await manager
    .session("chat")
    .start(command, input as never)
    .catch(() => undefined);
  await task?.result().catch(() => {});
  return seen;
}

test("a command that is allowed is decided about at the start and before it runs", async () => {
  const commands = commandPolicy({ root, commands: { echo: { arguments: "any" } } });
  const seen = await decisions(commands);
  expect(seen).toHaveLength(2);
  for (const event of seen) {
    expect(event).toMatchObject({ type: "command-decision", session: "chat", decision: "allow" });
    expect(event.command).toMatch(/\/echo 'a b' \(cwd \S+\)$/);
    expect(event.durationMs).toBeGreaterThanOrEqual(0);
    expect(event).not.toHaveProperty("reason");
  }
});

test("a command that asks is decided about once more after the yes", async () => {
  const commands = commandPolicy({
    root,
    commands: { echo: { arguments: "any", decision: "ask" } },
    approve: () => true,
  });
  const seen = await decisions(commands);
  expect(seen.map(({ decision }) => decision)).toEqual(["ask", "ask", "ask"]);
  expect(seen[0]?.reason).toEqual(expect.any(String));
});

test("a yes is announced with the hash of what was asked", async () => {
  let hash = "";
  const commands = commandPolicy({
    root,
    commands: { echo: { arguments: "any", decision: "ask" } },
    approve(request) {
      ({ hash } = request);
      return true;
    },
  });
  const manager = world.manager({ tasks: [command], commands });
  const seen: ManagerEventOf<"command-approval">[] = [];
  manager.on("command-approval", (event) => seen.push(event));
  const task = await manager.session("chat").start(command, { argv: ["echo"] });
  await task.result();
  expect(seen).toEqual([
    {
      ...{ type: "command-approval", taskId: task.id, session: "chat", name: "command" },
      ...{ approved: true, hash, waitedMs: 0 },
    },
  ]);
});

test("a refusal is announced with the policy's reason, as what was asked for", async () => {
  const seen = await decisions(commandPolicy({ root, commands: {} }), {
    argv: ["rm", "-rf", "a\u202eb"],
    cwd: "x y",
  });
  expect(seen).toMatchObject([
    { decision: "deny", command: "rm -rf $'a\\u{202e}b' (cwd 'x y')", reason: expect.any(String) },
  ]);
});

test("so is a policy that throws, or gives no decision", async () => {
  const thrown = await decisions({
    decide() {
      throw new Error("the policy is broken");
    },
  });
  expect(thrown).toMatchObject([{ decision: "deny", reason: "the policy is broken" }]);
  const none = await decisions({ decide: async () => undefined as never });
  expect(none).toMatchObject([{ decision: "deny", command: "echo 'a b'" }]);
});

test("what is announced is short, and has no known secret", async () => {
  const secret = "correct-horse-battery";
  const argv = ["echo", `--token=${secret}`, "x".repeat(5_000)];
  const seen = await decisions(
    commandPolicy({ root, commands: { echo: { arguments: "any" } } }),
    { argv },
    { redact: [secret] },
  );
  expect(seen[0]?.command).toContain("--token=[REDACTED");
  expect(seen[0]?.command).not.toContain(secret);
  expect(seen[0]?.command.length).toBeLessThan(1_100);
});

test("a definition gets the policy's answers as they are, sync or not", async () => {
  const deny: CommandDecision = { decision: "deny", reason: "no" };
  for (const decide of [() => deny, async () => deny]) {
    const manager = world.manager({ commands: { decide } });
    const task = await manager.session("chat").start(async ({ commands }) => {
      return commands.decide({ argv: ["x"], session: "chat" });
    });
    expect(await task.result()).toEqual(deny);
  }
});
