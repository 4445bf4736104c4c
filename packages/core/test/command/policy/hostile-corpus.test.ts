import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandDecision, CommandPolicy } from "../../../src/command/policy/policy.ts";
import { hostileCases } from "./hostile-cases.ts";
import {
  decideOn,
  type HostileWorkspace,
  hostileWorkspace,
  realisticPolicy,
  run,
  runGrant,
} from "./hostile-workspace.ts";
import { isInstalled } from "./rules/lab.ts";

let workspace: HostileWorkspace;
let policy: CommandPolicy;
let before: readonly string[];

beforeAll(() => {
  workspace = hostileWorkspace();
  policy = realisticPolicy(workspace.root);
  before = workspace.files();
});

afterAll(() => workspace[Symbol.dispose]());

const table = hostileCases.map((each) => [each.id, each.note, each] as const);

describe("hostile arguments under a policy", () => {
  it.each(table)("%s (%s): as strict as expected", async (_, __, { argv, env, expect: wanted }) => {
    const decision = await decideOn(policy, { argv, ...(env === undefined ? {} : { env }) });
    expectAtLeast(decision, wanted.allowlist);
    const printed = runIfAllowed(decision);
    // What is allowed as a text is that text.
    if (argv[0] === "echo" && printed !== undefined) {
      expect(printed).toBe(`${argv.slice(1).join(" ")}\n`);
    }
    expect(workspace.files()).toEqual(before);
  });
});

describe("hostile lines for a shell under a policy", () => {
  it.each(table)("%s (%s): as strict as expected", async (_, __, { shell, expect: wanted }) => {
    const decision = await decideOn(policy, { shell });
    expectAtLeast(decision, wanted.shell);
    runIfAllowed(decision);
    expect(workspace.files()).toEqual(before);
  });
});

describe("without a policy", () => {
  // So that what is said above means something: the same traps do go off. Of these, four need more
  // than lies in the workspace, and three hang.
  const idle = ["HC-081", "HC-115", "HC-117", "HC-157", "HC-083", "HC-119", "HC-143"];
  const harmful = table.filter(([id, , { expect: wanted, argv }]) => {
    const [program = ""] = argv;
    const isThere = program.includes("/") || isInstalled(program);
    return isThere && wanted.argv.startsWith("HARMFUL without a policy (the") && !idle.includes(id);
  });
  // Those that read, or whose harm is seen in what they print.
  const reads = ["HC-133", "HC-163", "HC-165", "HC-171"];
  it.each(harmful.filter(([id]) => !reads.includes(id)))("%s (%s) does harm", (_, __, each) => {
    using open = hostileWorkspace();
    run(open.root, each.argv, each.env);
    const kept = open.files().includes("a.txt")
      ? readFileSync(join(open.root, "a.txt"), "utf8")
      : "";
    expect([open.files(), kept]).not.toEqual([before, "x\n"]);
  });
});

const strictness = ["allow", "ask", "deny"];

function expectAtLeast({ decision, ...rest }: CommandDecision, wanted: string): void {
  const [least = ""] = wanted.split(/[^a-z]/, 1);
  expect(strictness).toContain(least);
  if (least === "allow") expect({ decision, ...rest }).toMatchObject({ decision: "allow" });
  expect(strictness.indexOf(decision)).toBeGreaterThanOrEqual(strictness.indexOf(least));
  if ("reason" in rest) expect(rest.reason).toMatch(/^.{10,1500}\.$/s);
}

function runIfAllowed(decision: CommandDecision): string | undefined {
  return decision.decision === "allow" ? runGrant(decision.grant) : undefined;
}
