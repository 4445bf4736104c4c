import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock/system-clock.ts";
import { endTree } from "../../../src/command/end/end-tree.ts";
import { findTree } from "../../../src/command/end/find-tree.ts";
import { markerVariable, readProcess } from "../../../src/command/end/processes.ts";
import type { ProcessEntry } from "../../../src/proc/stat.ts";
import { killAll, newToken, untilThere, withToken } from "./contained.ts";

let token = newToken();

afterEach(() => {
  killAll(token);
  token = newToken();
});

describe("finding a tree", () => {
  it("goes by a marker among several, and finds no other", async () => {
    const child = start("exec sleep $T", { [markerVariable]: "outer:inner" });
    await untilThere(token, 1);
    expect((await findTree("outer")).map(({ pid }) => pid)).toContain(child.pid);
    expect((await findTree("inner")).map(({ pid }) => pid)).toContain(child.pid);
    expect(await findTree("out")).toEqual([]);
  });

  it("takes in who left the marker behind, by its session and by its parent", async () => {
    const script = "env -i /bin/sleep $T & setsid env -i /bin/sleep $T & exec sleep $T";
    start(script, { [markerVariable]: token });
    await untilThere(token, 3);
    expect(pids(await findTree(token))).toEqual(withToken(token).toSorted());
  });

  it("finds the first process before it carries the marker, by its start time", async () => {
    const child = start("exec sleep $T");
    await untilThere(token, 1);
    const first = await entryOf(child);
    expect(pids(await findTree("none", { first }))).toEqual([child.pid]);
    expect(await findTree("none", { first: { ...first, startTime: "1" } })).toEqual([]);
  });
});

describe("a tree that has not left its launcher's session yet", () => {
  // The launcher's own, and two commands, one of which carries the marker.
  const launcher = `${markerVariable}=$T /bin/sleep $T & /bin/sleep $T & wait`;

  it("takes in the others unless it is told whose session it is", async () => {
    const child = start(launcher);
    await untilThere(token, 2);
    expect(await findTree(token)).toHaveLength(3);
    const { group, session } = await entryOf(child);
    const found = await findTree(token, { except: { group, session } });
    expect(found).toHaveLength(1);
    expect(found[0]?.parent).toBe(child.pid);
  });

  it("is ended without them", async () => {
    const child = start(launcher);
    await untilThere(token, 2);
    const { group, session } = await entryOf(child);
    const except = { group, session };
    const clock = systemClock();
    expect(await endTree({ marker: token, except, clock, graceMs: 20_000 })).toBe(true);
    expect(withToken(token)).toHaveLength(1);
    expect(await entryOf(child)).toMatchObject({ group });
    const exit = once(child, "exit");
    killAll(token);
    expect(await exit).toEqual([0, null]);
  });
});

function start(script: string, variables: Readonly<Record<string, string>> = {}): ChildProcess {
  const env = { PATH: "/usr/bin:/bin", T: token, ...variables };
  return spawn("/bin/sh", ["-c", script], { env, detached: true, stdio: "ignore" });
}

async function entryOf({ pid }: ChildProcess): Promise<ProcessEntry> {
  const entry = await readProcess(pid as number);
  if (entry === undefined) throw new Error("the child should run");
  return entry;
}

function pids(entries: readonly ProcessEntry[]): readonly number[] {
  return entries.map(({ pid }) => pid).toSorted();
}
