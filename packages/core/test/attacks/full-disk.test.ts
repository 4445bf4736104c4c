import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canMount, withOwnMount } from "../store/own-mount.ts";
import { type Report, startAttackedProcess } from "./attacked-process.ts";
import { expectWithin } from "./watched.ts";

const diskBytes = 2_000_000;
const calm = { exitCode: 0, outputBytes: 5, truncated: false };

describe.skipIf(!canMount())("a disk that is full", () => {
  it("cuts the output visibly, and leaves the command its exit code", async () => {
    const { end, printed } = await onSmallDisk("output");
    expect(end).toMatchObject({
      code: "EXIT_CODE",
      details: { exitCode: 3, truncated: true, outputBytes: printed },
    });
    expect(printed).toBeGreaterThan(diskBytes / 2);
    expect(printed).toBeLessThan(diskBytes);
  });

  it.each(["record", "folder"])(
    "runs nothing whose %s cannot be made, and says so",
    async (what) => {
      const { end, ran } = await onSmallDisk(what);
      expect(end).toMatchObject({ code: "SPAWN" });
      expect(ran).toBe(false);
    },
  );

  it("makes the store refuse with STORE_FULL, and forgets nothing that ends meanwhile", async () => {
    const { end, refusals, settling } = await onSmallDisk("store");
    expect(refusals).toEqual(["STORE_FULL", "STORE_FULL", "STORE_FULL"]);
    expect(settling).toBe("STORE_FULL");
    expect(end).toMatchObject({ code: "EXIT_CODE", details: { exitCode: 3 } });
  });
});

/** What a manager reports of it; afterwards, with room again, commands run as before. */
async function onSmallDisk(moment: string): Promise<Report> {
  await using child = await startAttackedProcess("full-disk", [moment], (directory) => {
    const disk = join(directory, "disk");
    mkdirSync(disk);
    const afterwards = `mount -o remount,nr_inodes=${moment === "folder" ? 40 : 0} "$0"`;
    return withOwnMount(disk, { bytes: diskBytes, afterwards })([]);
  });
  const report = await child.report();
  expectWithin(`a full disk, ${moment}`, report.costs);
  if (moment !== "output") expect(report["after"]).toMatchObject(calm);
  await child.commands.allGone();
  return report;
}
