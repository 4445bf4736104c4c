import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const child = fileURLToPath(new URL("./thread-process.ts", import.meta.url));

async function run(...given: readonly string[]): Promise<{ killed: boolean; printed: string }> {
  const options = ["--conditions=meanwhile-source", "--no-warnings", child, ...given];
  const process_ = spawn(process.execPath, options, { stdio: ["ignore", "pipe", "inherit"] });
  const printed = text(process_.stdout);
  const [, signal] = await once(process_, "exit");
  return { killed: signal === "SIGKILL", printed: await printed };
}

/** At which call of storage each process dies, and how its runs save. */
const deaths = [
  [17, "async"],
  [23, "sync"],
  [12, "exit"],
  [41, "async"],
  [34, "sync"],
  [20, "exit"],
] as const;

test("processes that are killed anywhere, one after another: each task is told once in the end", {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "meanwhile-kill-"));
  try {
    const kills: boolean[] = [];
    for (const [index, [killAt, durability]] of deaths.entries()) {
      const { killed } = await run(folder, `topic${index}`, String(killAt), durability);
      kills.push(killed);
    }
    const { printed } = await run(folder, "last", "", "async");
    const end = JSON.parse(printed) as {
      tasks: { id: string; status: string }[];
      told: string[];
      last: string;
      owed: number;
    };

    expect(kills.filter(Boolean).length).toBeGreaterThan(2);
    expect(end.tasks.length).toBeGreaterThan(0);
    expect(end.tasks.map(({ status }) => status)).toEqual(end.tasks.map(() => "completed"));
    expect(end.told.toSorted()).toEqual(end.tasks.map(({ id }) => `${id}.end`).toSorted());
    expect([end.last, end.owed]).toEqual(["done", 0]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
