import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runChild } from "../support/child.ts";

const child = fileURLToPath(new URL("./thread-process.ts", import.meta.url));
const graphChild = fileURLToPath(new URL("./graph-task-process.ts", import.meta.url));

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
      const { killed } = await runChild(child, folder, `topic${index}`, String(killAt), durability);
      kills.push(killed);
    }
    const { printed } = await runChild(child, folder, "last", "", "async");
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

test("a graph whose process was killed goes on from its checkpoint: no node that had ended runs again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "meanwhile-kill-"));
  try {
    const deaths = [
      await runChild(graphChild, folder, "first"),
      await runChild(graphChild, folder, "third"),
    ];
    const { printed } = await runChild(graphChild, folder);

    expect(deaths.map(({ killed }) => killed)).toEqual([true, true]);
    expect(printed).toBe("third\n");
    const nodes = (await readFile(join(folder, "nodes"), "utf8")).trim().split("\n");
    expect(nodes).toEqual(["first", "first", "second", "third", "third"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
