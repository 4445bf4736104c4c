import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTarget } from "../../src/download/target.ts";

let scratch = "";
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-target-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test("folders that many downloads make at the same time are folders to all of them", async () => {
  for (let round = 0; round < 400; round += 1) {
    const directory = join(scratch, `round-${round}`, "files");
    const targets = Array.from({ length: 16 }, (_, index) =>
      makeTarget(directory, `chat/a/b/${index}.csv`),
    );
    for (const { folder } of await Promise.all(targets)) {
      expect(folder).toBe(join(directory, "chat/a/b"));
    }
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
