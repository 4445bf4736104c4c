import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/clock/system-clock.ts";
import { endGroup } from "../../../src/command/end/end-tree.ts";
import {
  groupExists,
  readProcess,
  signalGroup,
  signalProcess,
} from "../../../src/command/end/processes.ts";

describe("signalling", () => {
  it("spares a process that has the id but not the start time", async () => {
    const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
    await once(child, "spawn");
    const entry = await readProcess(child.pid as number);
    if (entry === undefined) throw new Error("the child should run");
    const other = { ...entry, startTime: "1" };
    signalProcess(other, "SIGKILL");
    signalGroup([other], "SIGKILL");
    expect((await readProcess(entry.pid))?.startTime).toBe(entry.startTime);
    signalGroup([other, entry], "SIGKILL");
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  });

  it("takes a zombie for gone", async () => {
    // The shell becomes a program that never collects its child.
    const child = spawn("sh", ["-c", "sleep 0.05 & echo $!; exec sleep 600"], { stdio: "pipe" });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const pid = Number(line);
    await vi.waitUntil(async () => (await readProcess(pid)) === undefined, 10_000);
    expect(process.kill(pid, 0)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  it("ends a plain group where there is no /proc", async () => {
    const script = "trap '' TERM; sleep 600 & echo ready; wait";
    const child = spawn("sh", ["-c", script], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (child.pid === undefined || child.stdout === null) throw new Error("the child should run");
    await once(child.stdout, "data");
    const exit = once(child, "exit");
    expect(await endGroup(child.pid, { clock: systemClock(), graceMs: 50 })).toBe(true);
    expect(await exit).toEqual([null, "SIGKILL"]);
    expect(groupExists(child.pid)).toBe(false);
  });
});
