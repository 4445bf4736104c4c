import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CommandOutput } from "../../src/index.ts";
import { type Attacked, endOf, openAttacked } from "./attacked.ts";
import { watched } from "./watched.ts";

/** No whole number of blocks. */
const cap = 1_000_003;
/** 10 GB to a pipe, by the writer that takes the least time for it. */
const tenGigabytes = "dd if=/dev/zero bs=1M count=10000 2>/dev/null; exit 3";

describe("10 GB of output", () => {
  it("leave a file of exactly the cap and the command's own exit code", async () => {
    await using attacked = await openAttacked({ outputBytes: cap });
    const { task, end } = await watched("10 GB of output", async () => {
      const started = await attacked.start(tenGigabytes);
      return { task: started, end: await endOf(started) };
    });
    expect(end).toMatchObject({
      code: "EXIT_CODE",
      details: { exitCode: 3, outputBytes: cap, truncated: true },
    });
    expect(await outputSize(attacked, task.id)).toBe(cap);
    const last = await task.output({ after: cap - 1 });
    expect(last).toMatchObject({ next: cap, end: true, truncated: true });
    const read = attacked.session.tools().find(({ name }) => name === "read_task");
    const page = await read?.execute({ task_id: task.id, after: cap - 1 });
    expect(page).toContain("Output past the limit was dropped.");
  }, 120_000);

  it("end early with OUTPUT_LIMIT where the policy says so, and nothing is left", async () => {
    const limits = { outputBytes: cap, overflow: "stop" } as const;
    await using attacked = await openAttacked({ grant: { limits } });
    const { task, end } = await watched("output until OUTPUT_LIMIT", async () => {
      const started = await attacked.start("yes");
      return { task: started, end: await endOf(started) };
    });
    expect(end).toMatchObject({ code: "OUTPUT_LIMIT" });
    await attacked.commands.allGone();
    // Up to the end of a block of 512 bytes.
    expect(await outputSize(attacked, task.id)).toBeLessThan(cap + 512);
  });

  it("do not keep another command from its output", async () => {
    await using attacked = await openAttacked({ outputBytes: cap });
    const flood = await attacked.start("yes");
    const other = (await endOf(await attacked.start("echo calm"))) as CommandOutput;
    expect(other).toMatchObject({ exitCode: 0, outputBytes: 5, truncated: false });
    expect(await flood.cancel()).toBe(true);
  });
});

async function outputSize({ directory }: Attacked, taskId: string): Promise<number> {
  return (await stat(join(directory, "tasks", taskId, "output"))).size;
}
