import { link, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { publishFile } from "../../src/download/publish-file.ts";
import { downloadFolder } from "./download-folder.ts";

// No file system without hard links can be counted on here, so the call answers as one would.
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return { ...real, link: vi.fn(real.link) };
});
afterEach(() => {
  vi.mocked(link).mockReset();
});

describe.each([
  ["with hard links", undefined],
  ["without hard links", "EPERM"],
  ["that does not know hard links", "ENOTSUP"],
])("on a file system %s", (_name, code) => {
  const prepare = async () => {
    if (code !== undefined) {
      vi.mocked(link).mockRejectedValue(Object.assign(new Error(code), { code, syscall: "link" }));
    }
    const folder = await downloadFolder();
    await writeFile(join(folder.path, "part"), "new");
    return folder;
  };

  test("a finished file gets a free name", async () => {
    await using folder = await prepare();
    await publishFile(join(folder.path, "part"), join(folder.path, "file"), false);
    expect(await folder.names()).toEqual(["file"]);
    expect((await folder.read("file")).toString()).toBe("new");
  });

  test("a file that has the name keeps it", async () => {
    await using folder = await prepare();
    await writeFile(join(folder.path, "file"), "old");
    await expect(
      publishFile(join(folder.path, "part"), join(folder.path, "file"), false),
    ).rejects.toMatchObject({ code: "DOWNLOAD" });
    expect((await folder.read("file")).toString()).toBe("old");
    expect(await folder.names()).toEqual(["file", "part"]);
  });

  test("a file that has the name gives it up to one that may overwrite", async () => {
    await using folder = await prepare();
    await writeFile(join(folder.path, "file"), "old");
    await publishFile(join(folder.path, "part"), join(folder.path, "file"), true);
    expect((await folder.read("file")).toString()).toBe("new");
    expect(await folder.names()).toEqual(["file"]);
  });
});

test("another error of the link is passed on", async () => {
  await using folder = await downloadFolder();
  await writeFile(join(folder.path, "part"), "new");
  const full = Object.assign(new Error("full"), { code: "ENOSPC", syscall: "link" });
  vi.mocked(link).mockRejectedValue(full);
  await expect(
    publishFile(join(folder.path, "part"), join(folder.path, "file"), false),
  ).rejects.toBe(full);
  expect(await folder.names()).toEqual(["part"]);
});
