import { expect, test } from "vitest";
import { approvalHash } from "../../../src/command/approval/approval-hash.ts";
import type { CommandGrant } from "../../../src/command/policy/policy.ts";

function sandbox(name: string): NonNullable<CommandGrant["sandbox"]> {
  return { name, wrap: () => Promise.reject(new Error("not used")) };
}

const base: CommandGrant = {
  executable: "/usr/bin/git",
  argv: ["git", "log", "-1"],
  cwd: "/work",
  env: { PATH: "/bin", TZ: "UTC" },
  limits: { timeMs: 1_000 },
  leftovers: "end",
  sandbox: sandbox("one"),
};
const { limits: _limits, ...unlimited } = base;
const { sandbox: _sandbox, ...open } = base;
const { leftovers: _leftovers, ...usual } = base;

const others: readonly (readonly [string, CommandGrant])[] = [
  ["executable", { ...base, executable: "/usr/local/bin/git" }],
  ["an argument", { ...base, argv: ["git", "log", "-2"] }],
  ["the name", { ...base, argv: ["g", "log", "-1"] }],
  ["the order of arguments", { ...base, argv: ["git", "-1", "log"] }],
  ["where an argument ends", { ...base, argv: ["git", "log -1"] }],
  ["an empty argument more", { ...base, argv: ["git", "log", "-1", ""] }],
  ["cwd", { ...base, cwd: "/work/" }],
  ["a value in env", { ...base, env: { PATH: "/bin", TZ: "CET" } }],
  ["a variable more", { ...base, env: { PATH: "/bin", TZ: "UTC", LD_PRELOAD: "" } }],
  ["a variable less", { ...base, env: { PATH: "/bin" } }],
  ["a limit", { ...base, limits: { timeMs: 1_001 } }],
  ["a limit more", { ...base, limits: { timeMs: 1_000, processes: 1 } }],
  ["no limits", unlimited],
  ["leftovers", { ...base, leftovers: "report" }],
  ["no word on leftovers", usual],
  ["another sandbox", { ...base, sandbox: sandbox("two") }],
  ["no sandbox", open],
];

test.each(others)("is another for another: %s", (_, other) => {
  expect(approvalHash(other)).not.toBe(approvalHash(base));
});

test("no two of them are the same", () => {
  expect(new Set(others.map(([, other]) => approvalHash(other))).size).toBe(others.length);
});

test("is the same for the same command, whatever the order of its fields", () => {
  const { executable, argv, cwd, ...rest } = base;
  const same = { ...rest, cwd, argv, executable, env: { TZ: "UTC", PATH: "/bin" } };
  expect(approvalHash(same)).toBe(approvalHash(base));
  expect(approvalHash(base)).toMatch(/^[0-9a-f]{64}$/);
});
