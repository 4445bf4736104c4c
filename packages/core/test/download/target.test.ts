import { mkdir, mkdtemp, rm, rmdir, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findTarget, makeTarget } from "../../src/download/target.ts";

let scratch = "";
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-target-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test("a folder that another download makes at this moment is one", async () => {
  const directory = join(scratch, "shared");
  await mkdir(directory);
  const made = join(directory, "chat");
  for (let round = 0; round < 600; round += 1) {
    const finding = findTarget(directory, "chat/file.csv");
    // At another moment in each round.
    for (let step = 0; step < round % 12; step += 1) await stat(scratch);
    await mkdir(made);
    expect((await finding).folder).toBe(made);
    await rmdir(made);
  }
});

test("a link to nothing is no folder to make", async () => {
  const directory = join(scratch, "linked");
  await mkdir(directory);
  await symlink(join(scratch, "nothing"), join(directory, "link"));
  await expect(makeTarget(directory, "link/file.csv")).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining("symbolic link to nothing"),
  });
});
