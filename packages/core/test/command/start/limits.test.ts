import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Cgroup } from "../../../src/command/end/cgroup.ts";
import type { CommandLimits } from "../../../src/command/policy/limits.ts";
import { planLimits } from "../../../src/command/start/limits.ts";
import { cgroups, endGroups, newGroup } from "../end/contained.ts";

const root = process.getuid?.() === 0;

afterEach(async () => {
  await endGroups();
});

/** How a program ends under the limits, and what it prints. */
interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly text: string;
}

describe("a limit on open files", () => {
  it("holds for a real program", async () => {
    const script = 'for n in 3 4 5 6 7 8 9; do eval "exec $n</dev/null" && echo $n; done';
    expect(await run({ openFiles: 6 }, script)).toMatchObject({ text: "3\n4\n5\n" });
    expect((await run({ openFiles: 64 }, "ulimit -Sn; ulimit -Hn")).text).toBe("64\n64\n");
  });

  it("never raises what is stricter already", async () => {
    const hard = spawnSync("/bin/sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).stdout;
    expect((await run({ openFiles: 2 ** 40 }, "ulimit -Hn")).text).toBe(hard);
  });
});

describe("a limit on processor time", () => {
  it("ends a real program by SIGXCPU", async () => {
    const end = await run({ cpuSeconds: 1 }, "while :; do :; done");
    expect(end).toMatchObject({ code: null, signal: "SIGXCPU" });
  });

  it("kills one that ignores it a second later", async () => {
    const end = await run({ cpuSeconds: 1 }, "trap '' XCPU; while :; do :; done");
    expect(end).toMatchObject({ code: null, signal: "SIGKILL" });
  });
});

describe("a limit on memory", () => {
  const grow = "const kept = []; for (;;) kept.push(Buffer.alloc(1e6, 1))";

  it("lets a real program run that stays below, and fails one that does not", async () => {
    const bytes = 64 * 1024 * 1024;
    expect(await run({ memoryBytes: bytes }, "echo fine")).toMatchObject({ code: 0 });
    const end = await run({ memoryBytes: bytes }, "x=x; while :; do x=$x$x; done 2>/dev/null");
    expect(end.code).not.toBe(0);
  });

  const group = cgroups?.memory === undefined ? undefined : () => newGroup({ memoryBytes: 128e6 });
  it.skipIf(group === undefined)("is held by a control group for a whole tree", async () => {
    const cgroup = await group?.();
    expect(cgroup?.holds.has("memoryBytes")).toBe(true);
    expect(planLimits({ memoryBytes: 128e6 }, cgroup).ulimits).toEqual([]);
    const end = await run(
      { memoryBytes: 128e6 },
      `exec '${process.execPath}' -e '${grow}'`,
      cgroup,
    );
    expect(end).toMatchObject({ code: null, signal: "SIGKILL" });
    cgroup?.remove();
  });
});

describe("a limit on processes", () => {
  it.skipIf(!root)("is refused for root where no control group holds it", () => {
    expect(() => planLimits({ processes: 5 }, undefined)).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        message: expect.stringContaining("limits.processes cannot be held here"),
      }),
    );
  });

  it.skipIf(!existsSync("/usr/bin/setpriv") || !root)("is held by ulimit for others", async () => {
    const file = new URL("../../../src/command/start/limits.ts", import.meta.url).href;
    const script = `import { planLimits } from "${file}"; console.log(planLimits({ processes: 3 }).ulimits.flat().join(" "))`;
    const node = [
      "--no-warnings",
      "--experimental-strip-types",
      "--input-type=module",
      "-e",
      script,
    ];
    // No other process is this user's.
    const user = ["--reuid", "64321", "--regid", "64321", "--clear-groups"];
    const plan = spawnSync("setpriv", [...user, process.execPath, ...node], { encoding: "utf8" });
    expect(plan.stdout).toMatch(/^-[pu] 3\n$/);
    const count = "for n in 1 2 3 4 5; do sleep 1 & echo $n; done 2>/dev/null; kill $(jobs -p)";
    const limited = `ulimit ${plan.stdout.trim()} || exit 98; exec setpriv ${user.join(" ")} sh -c '${count}'`;
    const { stdout } = spawnSync("/bin/sh", ["-c", limited], { encoding: "utf8" });
    expect(stdout).toBe("1\n2\n");
  });

  it.skipIf(cgroups?.pids === undefined)("is left to a control group that holds it", async () => {
    const group = await newGroup({ processes: 5 });
    expect(planLimits({ processes: 5 }, group).ulimits).toEqual([]);
    expect(group.remove()).toBe(true);
  });
});

describe("limits", () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5; reboot"])(
    "cannot be %j",
    (value) => {
      const limits = { openFiles: value } as CommandLimits;
      expect(() => planLimits(limits, undefined)).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION" }),
      );
    },
  );

  it("need nothing of the shell when there are none", () => {
    expect(planLimits({ timeMs: 5, outputBytes: 5 }, undefined)).toEqual({ ulimits: [] });
  });
});

/** As the wrapper does: joins the group, sets what is planned, and becomes the program. */
async function run(limits: CommandLimits, script: string, cgroup?: Cgroup): Promise<End> {
  const steps = [
    ...(cgroup?.join ?? []).map((file) => `echo 0 >'${file}'`),
    ...planLimits(limits, cgroup).ulimits.map(([flag, value]) => `ulimit ${flag} ${value}`),
  ].map((step) => `${step} || exit 98; `);
  const child = spawn("/bin/sh", ["-c", `${steps.join("")}exec /bin/sh -c "$0"`, script], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, text };
}
