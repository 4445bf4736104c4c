import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createOutputWriter } from "../../src/output/writer.ts";

let directory = "";
let path = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "meanwhile-writer-"));
  path = join(directory, "output");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const writer = (maxBytes = 1_000) => createOutputWriter(async () => path, maxBytes);

test("makes no file before the first write, and one that only its owner can read", async () => {
  const output = writer();
  await output.flush();
  await expect(stat(path)).rejects.toThrow("ENOENT");
  await output.write("a");
  await output.close();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("keeps the order of writes that nobody waits for", async () => {
  const output = writer(100_000);
  const expected = Array.from({ length: 500 }, (_, index) => `${index},`).join("");
  for (let index = 0; index < 500; index += 1) void output.write(`${index},`);
  await output.close();
  expect(await readFile(path, "utf8")).toBe(expected);
});

test("takes bytes as they are when they were given", async () => {
  const output = writer();
  const bytes = new Uint8Array([1, 2, 3]);
  void output.write(bytes);
  bytes.fill(9);
  await output.close();
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
});

test("keeps as many bytes as it may, what was there before included", async () => {
  await writeFile(path, "x".repeat(900));
  const output = writer(1_000);
  await output.write("y".repeat(60));
  await output.write("z".repeat(600));
  await output.close();
  expect(output.bytes).toBe(1_000);
  expect(await readFile(path, "utf8")).toBe("x".repeat(900) + "y".repeat(60) + "z".repeat(40));
});

test("asks to wait when much waits in memory", async () => {
  const output = writer(10_000_000);
  let waited = false;
  void output.write("a".repeat(3_000_000)).then(() => {
    waited = true;
  });
  await null;
  expect(waited).toBe(false);
  await output.flush();
  await null;
  expect(waited).toBe(true);
  await output.close();
});

test("does not follow a link that somebody put in its place", async () => {
  await writeFile(join(directory, "victim"), "precious");
  await symlink(join(directory, "victim"), path);
  const output = writer();
  await output.write("a");
  await output.flush();
  await expect(output.write("b")).rejects.toThrow("ELOOP");
  await expect(output.close()).rejects.toThrow("ELOOP");
  expect(await readFile(join(directory, "victim"), "utf8")).toBe("precious");
});

test("tells later writes, and who closes it, that the file cannot be written", async () => {
  await mkdir(path);
  const output = writer();
  await output.write("a");
  await output.flush();
  await expect(output.write("b")).rejects.toThrow("EISDIR");
  await expect(output.close()).rejects.toThrow("EISDIR");
});
