import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandDecision, CommandPolicy } from "../../../src/command/policy/policy.ts";
import { hostileCases } from "./hostile-cases.ts";
import {
  canary,
  decideOn,
  type HostileWorkspace,
  hostileWorkspace,
  realisticPolicy,
  run,
  runGrant,
} from "./hostile-workspace.ts";

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
  // So that what is said above means something: the same traps do go off.
  const going = ["058", "062", "066", "073", "075", "079", "085", "087", "093", "097", "103"];
  const more = ["105", "123", "141", "145", "149", "155", "159"];
  it.each(table.filter(([id]) => [...going, ...more].includes(id.slice(3))))(
    "%s (%s) does harm",
    (_, __, { argv, env }) => {
      using open = hostileWorkspace();
      run(open.root, argv, env);
      expect(open.files()).toContain(canary);
    },
  );
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
