import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { undeclaredImports } from "../src/imports.ts";
import { installOldestNode, installPacked, run } from "../src/install.ts";
import { publishedPackages, root } from "../src/packages.ts";
import { firstExample } from "../src/readme-example.ts";

const packages = publishedPackages();
const entries = packages.flatMap((each) => each.entries);
let folder: string;
let oldestNode: string;

beforeAll(async () => {
  [folder, oldestNode] = await Promise.all([installPacked(packages), installOldestNode()]);
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(join(oldestNode, "../../../.."), { recursive: true, force: true });
});

const nodes = [
  ["this Node", () => process.execPath],
  ["the oldest Node", () => oldestNode],
] as const;

describe.each(nodes)("with %s", (_name, node) => {
  test.each(entries)("%s can be imported from its tarball, and prints nothing", async (entry) => {
    const code = `await import("${entry}");`;
    const printed = await run(folder, node(), ["--input-type=module", "--eval", code]);
    // That of Node 22 is experimental.
    expect(printed.replace(/^\(node:\d+\) ExperimentalWarning: SQLite .*\n.*\n/, "")).toBe("");
  });

  test("the first example of the README runs", async () => {
    const { language, code } = firstExample(await readFile(join(root, "README.md"), "utf8"));
    const file = join(folder, `example.${language}`);
    await writeFile(file, code);
    await run(folder, node(), [file]);
  });
});

test.each(packages)("$name imports nothing that it does not declare", async ({ name }) => {
  expect(await undeclaredImports(join(folder, "node_modules", name))).toEqual([]);
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
