import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { holdLimits } from "../../../src/command/end/cgroup-limits.ts";

// Few machines have both versions with all controllers, so plain folders stand for groups.
let base: string;
let tree: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "meanwhile-cgroup-"));
  tree = join(base, "unified", "meanwhile-x");
  mkdirSync(tree, { recursive: true });
});

afterEach(() => rmSync(base, { recursive: true }));

const nowhere = { unified: undefined, pids: undefined, memory: undefined };

it("sets the limits in a group that has the controllers, without swap and as one for the killer", () => {
  const files = ["pids.max", "memory.max", "memory.swap.max", "memory.oom.group"];
  for (const file of files) writeFileSync(join(tree, file), "");
  const held = holdLimits(tree, nowhere, { processes: 7, memoryBytes: 4096 });
  expect(held).toEqual({ holds: new Set(["processes", "memoryBytes"]), folders: [] });
  const contents = files.map((file) => readFileSync(join(tree, file), "utf8"));
  expect(contents).toEqual(["7", "4096", "0", "1"]);
});

it("does without what a kernel that does not count swap lacks", () => {
  writeFileSync(join(tree, "memory.max"), "");
  const { holds } = holdLimits(tree, nowhere, { memoryBytes: 4096 });
  expect(holds).toEqual(new Set(["memoryBytes"]));
});

it("holds nothing, and leaves nothing, where no hierarchy has the controllers", () => {
  const pids = join(base, "pids");
  mkdirSync(pids);
  const held = holdLimits(tree, { ...nowhere, pids }, { processes: 7, memoryBytes: 4096 });
  expect(held).toEqual({ holds: new Set(), folders: [] });
  expect(readdirSync(pids)).toEqual([]);
});
