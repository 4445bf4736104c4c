import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/clock/system-clock.ts";
import { createCgroup, openCgroup } from "../../../src/command/end/cgroup.ts";
import { ownCgroupFolders } from "../../../src/command/end/cgroup-folders.ts";
import { createdAt, removeLeftovers } from "../../../src/command/end/cgroup-leftovers.ts";
import { killEach } from "../../../src/command/end/cgroup-tree.ts";
import { endTree } from "../../../src/command/end/end-tree.ts";
import {
  cgroups,
  endGroups,
  killAll,
  newGroup,
  newToken,
  start,
  untilThere,
  withToken,
} from "./contained.ts";

const clock = systemClock();
let token = newToken();

afterEach(async () => {
  const left = await endGroups();
  killAll(token);
  token = newToken();
  expect(left).toEqual([]);
});

describe.skipIf(cgroups === undefined)("a control group", () => {
  it("has what starts in it, in groups inside it too", async () => {
    const group = await newGroup();
    const inner = join(group.path, "inner");
    mkdirSync(inner);
    await start("exec sleep $T", { marker: "none", token, cgroup: group });
    const joinInner = { ...group, join: [join(inner, "cgroup.procs")] };
    await start("exec sleep $T", { marker: "none", token, cgroup: joinInner });
    await untilThere(token, 2);
    expect(group.members().toSorted()).toEqual(withToken(token).toSorted());
    expect(group.remove()).toBe(false);
    group.kill();
    await vi.waitUntil(() => !group.isPopulated());
    expect(withToken(token)).toEqual([]);
    expect(group.remove()).toBe(true);
    expect(existsSync(group.path)).toBe(false);
  });

  it("is found by its path by another manager, and no more once it is removed", async () => {
    const group = await newGroup({ processes: 10 });
    await start("exec sleep $T", { marker: "none", token, cgroup: group });
    await untilThere(token, 1);
    const opened = openCgroup(group.path);
    expect(opened?.members()).toEqual(withToken(token));
    expect(await endTree({ marker: "none", cgroup: opened, clock, graceMs: 20_000 })).toBe(true);
    expect(withToken(token)).toEqual([]);
    expect(openCgroup(group.path)).toBeUndefined();
    expect(group.remove()).toBe(true);
    expect(group.isPopulated()).toBe(false);
    expect(group.members()).toEqual([]);
  });

  it("lets nobody in after the command was ended", async () => {
    const group = await newGroup();
    expect(await endTree({ marker: "none", cgroup: group, clock, graceMs: 0 })).toBe(true);
    const late = await start("exec sleep $T", { marker: "none", token, cgroup: group });
    expect(await once(late, "exit")).toEqual([99, null]);
  });

  it("takes the place of what an earlier one of its name has left", async () => {
    const name = `test-${process.pid}-again`;
    expect(await createCgroup(name, { processes: 5 })).toBeDefined();
    const second = await createCgroup(name, { processes: 6 });
    expect(second?.remove()).toBe(true);
  });

  it("is not opened when it is none of ours, or when this process is in it", async () => {
    const own = ownCgroupFolders().unified ?? "";
    expect(openCgroup(own)).toBeUndefined();
    expect(openCgroup(join(own, "other"))).toBeUndefined();
    const group = await newGroup();
    try {
      writeFileSync(join(group.path, "cgroup.procs"), String(process.pid));
      expect(openCgroup(group.path)).toBeUndefined();
    } finally {
      writeFileSync(join(own, "cgroup.procs"), String(process.pid));
      group.remove();
    }
  });

  it("is removed when a manager left it empty long ago", async () => {
    const group = await newGroup();
    const inside = (name: string): string => join(group.path, name);
    for (const name of ["meanwhile-old", "meanwhile-used", "meanwhile-used/x", "other"]) {
      mkdirSync(inside(name));
    }
    const cgroup = { ...group, join: [join(inside("meanwhile-used"), "cgroup.procs")] };
    await start("exec sleep $T", { marker: "none", token, cgroup });
    await untilThere(token, 1);
    removeLeftovers(group.path, createdAt(inside("meanwhile-old")));
    expect(existsSync(inside("meanwhile-old"))).toBe(true);
    removeLeftovers(group.path, Number.POSITIVE_INFINITY);
    expect(existsSync(inside("meanwhile-old"))).toBe(false);
    expect(existsSync(inside("meanwhile-used/x"))).toBe(true);
    expect(existsSync(inside("other"))).toBe(true);
    await endTree({ marker: "none", cgroup: group, clock, graceMs: 20_000 });
  });

  it("ends what left it but carries the marker", async () => {
    const group = await newGroup();
    const own = ownCgroupFolders().unified ?? "";
    const script = `(echo 0 >${own}/cgroup.procs; setsid sleep $T) & exec sleep $T`;
    await start(script, { marker: token, token, cgroup: group });
    await untilThere(token, 2);
    expect(group.members()).toHaveLength(1);
    expect(await endTree({ marker: token, cgroup: group, clock, graceMs: 20_000 })).toBe(true);
    expect(withToken(token)).toEqual([]);
  });

  it("is killed one process after the other on a kernel without cgroup.kill", async () => {
    const group = await newGroup({ processes: 40 });
    const script = "trap '' TERM; while :; do (setsid sleep $T &); done 2>/dev/null";
    await start(script, { marker: "none", token, cgroup: group });
    await vi.waitUntil(() => withToken(token).length > 20, { timeout: 10_000 });
    await vi.waitUntil(() => {
      killEach(group.path.split("\n")[0] ?? "");
      return !group.isPopulated();
    });
    expect(withToken(token)).toEqual([]);
    expect(group.remove()).toBe(true);
  });
});

describe.skipIf(cgroups?.pids === undefined)("a limit on processes", () => {
  it("bounds a fork bomb, all of which is ended", async () => {
    const group = await newGroup({ processes: 50 });
    expect(group.holds.has("processes")).toBe(true);
    const bomb = "trap '' TERM; sleep $T & b() { b | b & }; b; wait";
    await start(bomb, { marker: token, token, cgroup: group });
    const folder = group.path.split("\n").find((each) => existsSync(join(each, "pids.max"))) ?? "";
    const fact = (file: string): string => readFileSync(join(folder, file), "utf8");
    // A fork was refused.
    await vi.waitUntil(() => /^max [1-9]/m.test(fact("pids.events")), { timeout: 10_000 });
    expect(group.members().length).toBeLessThanOrEqual(50);
    expect(Number(fact("pids.peak"))).toBe(50);
    const began = clock.monotonic();
    expect(await endTree({ marker: token, cgroup: group, clock, graceMs: 300 })).toBe(true);
    expect(clock.monotonic() - began).toBeLessThan(5_000);
    expect(withToken(token)).toEqual([]);
  });
});

it.skipIf(cgroups === undefined || process.getuid?.() !== 0)(
  "knows of no control groups where they are not mounted",
  () => {
    const file = new URL("../../../src/command/end/cgroup-probe.ts", import.meta.url).href;
    const script = `import { cgroupProbe } from "${file}"; console.log((await cgroupProbe()).unified)`;
    const flags = ["--no-warnings", "--experimental-strip-types", "--input-type=module"];
    const unmount = ["--mount", "sh", "-c", 'umount -a -t cgroup2 && exec "$@"', "sh"];
    const node = [process.execPath, ...flags, "-e", script];
    const { stdout } = spawnSync("unshare", [...unmount, ...node], { encoding: "utf8" });
    expect(stdout).toBe("undefined\n");
  },
);
