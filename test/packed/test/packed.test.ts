import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPacked, run } from "../src/install.ts";
import { publishedPackages, root } from "../src/packages.ts";
import { firstExample } from "../src/readme-example.ts";

const packages = publishedPackages();
const entries = packages.flatMap((each) => each.entries);
let folder: string;

beforeAll(async () => {
  folder = await installPacked(packages);
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test.each(entries)("%s can be imported from its tarball, and prints nothing", async (entry) => {
  const printed = await run(folder, process.execPath, [
    "--input-type=module",
    "--eval",
    `await import("${entry}");`,
  ]);
  expect(printed).toBe("");
});

test("their types hold in a strict project that checks its libraries", async () => {
  const imports = entries.map((entry, index) => `export * as entry${index} from "${entry}";\n`);
  await writeFile(join(folder, "types.ts"), imports.join(""));
  const tsc = join(import.meta.dirname, "../node_modules/.bin/tsc");
  const checked = run(folder, tsc, [
    ...["--strict", "--noEmit", "--skipLibCheck", "false"],
    ...["--module", "nodenext", "--target", "es2024", "--lib", "es2024,esnext.disposable"],
    ...["--types", "node", "types.ts"],
  ]);
  const lines = (await checked.catch((error: Error) => error.message)).split("\n");
  const errors = lines.filter((line) => /\berror TS\d+/.test(line));
  // What the hosts' own types lack (a browser's, say) is theirs.
  const hosts = /^node_modules\/(?!@meanwhile\/)/;
  expect(errors.filter((line) => !hosts.test(line))).toEqual([]);
});

test("wrong types would be noticed", async () => {
  await writeFile(join(folder, "wrong.ts"), `import { nothing } from "@meanwhile/core";\n`);
  const tsc = join(import.meta.dirname, "../node_modules/.bin/tsc");
  const args = ["--noEmit", "--module", "nodenext", "--target", "es2024", "wrong.ts"];
  await expect(run(folder, tsc, args)).rejects.toThrow(/wrong\.ts\(1,10\): error TS2305/);
});

test.each(packages)("$name carries its licence", async ({ name }) => {
  const licence = await readFile(join(folder, "node_modules", name, "LICENSE"), "utf8");
  expect(licence).toContain("MIT License");
});

test("the first example of the README runs", async () => {
  const { language, code } = firstExample(await readFile(join(root, "README.md"), "utf8"));
  const file = join(folder, `example.${language}`);
  await writeFile(file, code);
  await run(folder, process.execPath, [file]);
});
