import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BackgroundManager, command } from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { anyCommand } from "../command/any-command.ts";

const promise =
  "9. A cancelled or timed-out command leaves no process of its tree behind where the platform can promise it; the snapshot's containment says how strong that is";

describe.skipIf(process.platform !== "linux")(promise, () => {
  const commands = anyCommand(`promise-9-${process.pid}`);
  let directory = "";

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "meanwhile-tree-"));
  });

  afterEach(async () => {
    const survivors = await commands.endSurvivors();
    await rm(directory, { recursive: true, force: true });
    expect(survivors).toEqual([]);
  });

  function open(): BackgroundManager {
    const store = sqliteStore({ path: join(directory, "state.db") });
    return new BackgroundManager({ store, directory, tasks: [command], commands });
  }

  async function untilUp(task: { output(): Promise<{ text: string }> }): Promise<void> {
    while (!(await task.output()).text.includes("up")) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  test.each(["cancel", "timeout", "close"])("%s", async (how) => {
    await using manager = open();
    // A shell, its child and its grandchild, one of which has left the process group.
    const argv = [
      "sh",
      "-c",
      "setsid sleep 600 & sh -c 'sh -c \"echo up; sleep 600; :\"; :' & wait",
    ];
    const timeoutMs = how === "timeout" ? 2_000 : 600_000;
    const task = await manager.session("chat").start(command, { argv }, { timeoutMs });
    await untilUp(task);
    expect((await commands.survivors()).length).toBeGreaterThan(2);
    const { containment } = await task.snapshot();
    expect(containment).toMatch(/^(cgroup|pid-namespace|process-group-sweep|process-group)$/);
    if (how === "cancel") expect(await task.cancel()).toBe(true);
    else if (how === "close") await manager.close();
    else await expect(task.result()).rejects.toMatchObject({ code: "TIMEOUT" });
    await commands.allGone();
  });

  test('close with "leave" lets it go on, and the next manager takes it up with its true exit code', async () => {
    await using manager = open();
    const argv = ["sh", "-c", "echo up; while [ ! -e go ]; do sleep 0.05; done; exit 7"];
    const task = await manager.session("chat").start(command, { argv, cwd: directory });
    await untilUp(task);
    await manager.close({ running: "leave" });
    await using next = open();
    const again = await next.session("chat").get(task.id);
    expect((await again.snapshot()).status).toBe("running");
    await writeFile(join(directory, "go"), "");
    await expect(again.result()).rejects.toMatchObject({
      code: "EXIT_CODE",
      details: { exitCode: 7 },
    });
    expect((await again.output()).text).toBe("up\n");
  });
});
