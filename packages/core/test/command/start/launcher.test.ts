import { existsSync, symlinkSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/clock/system-clock.ts";
import { endGroup } from "../../../src/command/end/end-tree.ts";
import { groupExists } from "../../../src/command/end/processes.ts";
import { runGroup, wrapperGroups } from "../../../src/command/end/run-group.ts";
import type { Launch } from "../../../src/command/start/launch-line.ts";
import {
  createLauncher,
  type Launcher,
  type Started,
} from "../../../src/command/start/launcher.ts";
import { launcherScript } from "../../../src/command/start/launcher-script.ts";
import { createRunFiles, type RunFiles } from "../../../src/command/start/run-files.ts";
import { livingProcess } from "../../../src/proc/stat.ts";
import { virtualClock } from "../../../src/testing/index.ts";

const clock = systemClock();
let scratch: string;
let runs = 0;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-launcher-"));
});

afterEach(() => rm(scratch, { recursive: true, force: true }));

/** Shells that may be `/bin/sh` somewhere, and those of them that are here. */
const shells = [
  ["dash", ["/usr/bin/dash"]],
  ["bash", ["/bin/bash"]],
  ["busybox", ["/usr/bin/busybox", "/bin/busybox"]],
] as const;

const kinds = shells.flatMap(([name, places]) =>
  [false, true].map((waits) => [name, waits ? "waits" : "does not wait", places, waits] as const),
);

describe.each(kinds)("a launcher in %s that %s", (name, _, places, waits) => {
  const program = places.find((place) => existsSync(place));
  if (program === undefined) {
    it.skip(`is tested where there is one: apt-get install ${name}`, () => {});
    return;
  }

  async function launcherHere(): Promise<Launcher> {
    // It is told by its name which of its programs it is.
    const link = join(scratch, "sh");
    if (name === "busybox" && !existsSync(link)) symlinkSync(program as string, link);
    const launcher = await createLauncher(name === "busybox" ? link : program);
    return { ...launcher, start: (launch, ring) => launcher.start(launch, ring, waits) };
  }

  it("runs what it is told, byte for byte, and tells exit code and signal apart", async () => {
    const launcher = await launcherHere();
    const strange = ["", " ", "$HOME", "`id`", "a\nb", "'", "''", '"', "\\", "*", "-n", "~", "!!"];
    strange.push(Array.from({ length: 0x780 }, (_, i) => String.fromCharCode(0x80 + i)).join(""));
    const argv = ["printf", "%s\\0", ...strange];
    const ended = await run(launcher, { argv, executable: "/usr/bin/printf" });
    expect(ended.output).toBe(strange.map((text) => `${text}\0`).join(""));
    for (const code of [0, 1, 125, 127, 255]) {
      const { files } = await run(launcher, sh(`exit ${code}`));
      expect(files.record().exit).toEqual({ type: "code", code });
    }
    for (const signal of ["TERM", "KILL", "SEGV", "HUP"]) {
      const { files } = await run(launcher, sh(`kill -${signal} $$`));
      expect(files.record().exit).toEqual({ type: "signal", signal: `SIG${signal}` });
    }
    await launcher.end(clock);
    expect(launcher.isAlive()).toBe(false);
  });

  it("gives nothing but what was granted, and a session of its own", async () => {
    const launcher = await launcherHere();
    const env = { A: "a 'b'\nc", "odd-name.x": "1", UID: "7", IFS: "x", PATH: "/usr/bin:/bin" };
    const { output } = await run(launcher, { ...sh("env -0"), env });
    const pairs = output.split("\0").filter((line) => !/^(PWD|SHLVL|_)=/.test(line));
    // A shell as the command may drop names that are none for it, and its own IFS.
    expect(pairs).toEqual(expect.arrayContaining(["A=a 'b'\nc", "PATH=/usr/bin:/bin"]));
    const direct = await run(launcher, { executable: "/usr/bin/env", argv: ["env", "-0"], env });
    const names = direct.output.split("\0").map((line) => line.split("=")[0]);
    expect(new Set(names)).toEqual(new Set([...Object.keys(env), "PWD", ""]));
    const stat = await run(launcher, { executable: "/bin/cat", argv: ["cat", "/proc/self/stat"] });
    const [pid, , , , group, session] = stat.output.split(" ");
    expect([group, session]).toEqual([pid, pid]);
    await launcher.end(clock);
  });

  it("goes on when a command sends signals to all that it can reach of its group", async () => {
    const launcher = await launcherHere();
    const { files } = await run(launcher, sh("kill -HUP 0; kill -INT 0; exit 3"));
    expect(files.record().exit).toEqual({ type: "signal", signal: "SIGHUP" });
    expect((await run(launcher, sh("exit 5"))).files.record().exit).toMatchObject({ code: 5 });
    await launcher.end(clock);
  });

  it("has its commands ignore no signal", async () => {
    const launcher = await launcherHere();
    const argv = ["grep", "SigIgn", "/proc/self/status"];
    const { output } = await run(launcher, { executable: "/bin/grep", argv });
    expect(output).toMatch(/SigIgn:\t0+\n/);
    await launcher.end(clock);
  });

  it("is free unless it waits", async () => {
    const launcher = await launcherHere();
    const fifo = join(scratch, "fifo");
    expect(launcher.isFree()).toBe(true);
    await run(launcher, { executable: "/usr/bin/mkfifo", argv: ["mkfifo", fifo] });
    await vi.waitUntil(() => launcher.isFree());
    const { files } = await start(launcher, sh(`read x <'${fifo}'; exit 9`), () => {});
    expect(launcher.isFree()).toBe(!waits);
    await writeFile(fifo, "\n");
    await vi.waitUntil(() => launcher.isFree());
    await vi.waitUntil(() => files.record().spooled);
    expect(files.record().exit).toEqual({ type: "code", code: 9 });
    await launcher.end(clock);
    expect(launcher.isFree()).toBe(false);
  });

  it("ends at once, though it was told to let a command go on", async () => {
    const launcher = await launcherHere();
    const fifo = join(scratch, "fifo");
    await run(launcher, { executable: "/usr/bin/mkfifo", argv: ["mkfifo", fifo] });
    const going = await start(launcher, sh(`read x <'${fifo}'; echo on; exit 9`), () => {});
    await vi.waitUntil(() => going.files.record().began !== undefined);
    going.started.forget(true);
    await launcher.end(virtualClock());
    await writeFile(fifo, "\n");
    await vi.waitUntil(() => going.files.record().spooled);
    expect(going.files.record().exit).toEqual({ type: "code", code: 9 });
    expect(await going.output()).toBe("on\n");
    await vi.waitUntil(() => !launcher.isAlive());
  });

  it("says why it did not begin, and runs nothing then", async () => {
    const launcher = await launcherHere();
    const canary = join(scratch, "canary");
    const touch = { executable: "/usr/bin/touch", argv: ["touch", canary] };
    const nowhere = await run(launcher, { ...touch, cwd: join(scratch, "nowhere") });
    expect(nowhere.files.record().failed).toBe("the working directory cannot be entered");
    const closed = await run(launcher, touch, { join: ["/no/such/group"] });
    expect(closed.files.record().failed).toBe("its control group is closed");
    const limited = await run(launcher, touch, { ulimits: [["-n", -5]] });
    expect(limited.files.record().failed).toBe("the limit ulimit -n -5 cannot be set");
    expect(existsSync(canary)).toBe(false);
    await launcher.end(clock);
  });

  it("leaves its commands running when it is killed, and they record how they end", async () => {
    const launcher = await launcherHere();
    const fifo = join(scratch, "fifo");
    await run(launcher, { executable: "/usr/bin/mkfifo", argv: ["mkfifo", fifo] });
    const ring = vi.fn();
    const { files, output } = await start(launcher, sh(`echo on; read x <'${fifo}'; exit 9`), ring);
    await vi.waitUntil(async () => (await output()) === "on\n");
    const both = files.claimant()?.process?.parent as number;
    process.kill(livingProcess(both)?.parent as number, "SIGKILL");
    await vi.waitUntil(() => ring.mock.calls.length > 0);
    expect(launcher.isAlive()).toBe(false);
    await writeFile(fifo, "\n");
    await vi.waitUntil(() => files.record().spooled);
    expect(files.record().exit).toEqual({ type: "code", code: 9 });
  });
});

const dash = "/usr/bin/dash";
const canBeShort = process.getuid?.() === 0 && existsSync(dash) && existsSync("/usr/bin/setpriv");

it.skipIf(!canBeShort).each([
  ["does not wait", false],
  ["waits", true],
] as const)(
  "a launcher that %s rings when the system has no process for a command",
  async (_, waits) => {
    const program = join(scratch, "few");
    // Of a user with no other processes, who may have two: the launcher, and what it forks.
    const user = `--reuid=${waits ? 61_234 : 61_235} --regid=61234 --clear-groups`;
    await writeFile(program, `#!/bin/sh\nexec setpriv ${user} ${dash} "$@"\n`, { mode: 0o755 });
    const launcher = await createLauncher(program, `${launcherScript}ulimit -p 2\n`);
    const rung = Promise.withResolvers<void>();
    const { files, started } = await start(launcher, sh("echo on"), rung.resolve, {}, waits);
    await rung.promise;
    expect(started.isHeard()).toBe(true);
    expect(started.hasRung()).toBe(true);
    expect(files.isUntouched()).toBe(true);
    await launcher.end(clock);
  },
);

describe("a launcher where there is no setsid", () => {
  const script = launcherScript.replaceAll('/setsid"', '/no-setsid"');

  it("gives each command and its wrapper a group, which survives its signals", async () => {
    const launcher = await createLauncher("/bin/bash", script);
    const own = await run(launcher, sh("ps -o pgid= $$; trap : TERM; kill -TERM 0; exit 4"));
    expect(own.files.record().exit).toEqual({ type: "code", code: 4 });
    const group = Number(own.output);
    expect(runGroup(own.files)).toBe(group);
    expect(wrapperGroups(own.files)).toBeUndefined();
    const ignoring = await run(launcher, sh("grep SigIgn /proc/self/status"));
    expect(ignoring.output).toMatch(/SigIgn:\t0+\n/);
    await launcher.end(clock);
  });

  it("can have its group killed with all that is in it", async () => {
    const launcher = await createLauncher("/bin/bash", script);
    const { files, output } = await start(launcher, sh("sleep 600 & echo on; wait"), () => {});
    await vi.waitUntil(async () => (await output()) === "on\n");
    const group = runGroup(files) as number;
    await endGroup(group, { clock, graceMs: 100 });
    expect(groupExists(group)).toBe(false);
    await launcher.end(clock);
  });
});

interface Asked {
  readonly executable: string;
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

function sh(script: string): Asked {
  return { executable: "/bin/sh", argv: ["sh", "-c", script] };
}

async function start(
  launcher: Launcher,
  asked: Asked,
  ring: () => void,
  more: Partial<Launch> = {},
  waits = false,
): Promise<{
  readonly files: RunFiles;
  readonly started: Started;
  readonly output: () => Promise<string>;
}> {
  const folder = join(scratch, String(++runs));
  await mkdir(folder);
  const { files } = createRunFiles(folder, 1, "closed");
  const outputFile = join(folder, "output");
  const command = { cwd: scratch, env: {}, ...asked };
  const rest = {
    stdin: "closed",
    leftovers: "end",
    hidesSignals: false,
    join: [],
    ulimits: [],
    ...more,
  } as const;
  const started = launcher.start(
    { command, record: files.recordFile, outputFile, maxBytes: 2 ** 20, ...rest },
    ring,
    waits,
  );
  return { files, started, output: () => readFile(outputFile, "utf8").catch(() => "") };
}

async function run(
  launcher: Launcher,
  asked: Asked,
  more: Partial<Launch> = {},
): Promise<{ readonly files: RunFiles; readonly output: string }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const started = await start(
    launcher,
    asked,
    () => {
      const { exit, spooled } = started.files.record();
      if (exit !== undefined && spooled) resolve();
    },
    more,
  );
  await promise;
  return { files: started.files, output: await started.output() };
}
