import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");

afterAll(() => rm(join(root, ".meanwhile"), { recursive: true, force: true }));

/** The first block of code under a heading. */
function snippet(heading: string): string {
  const section = readme.split(`\n## ${heading}\n`)[1] ?? "";
  return /^```ts fragment\n(.*?)^```$/ms.exec(section)?.[1] ?? "";
}

/** Runs it in a process of its own, with a model that calls the tool, and gives what it prints. */
async function run(code: string, toolName: string, input: object): Promise<string[]> {
  const preload = fileURLToPath(import.meta.resolve("./support/readme-model.ts"));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=meanwhile-source",
      "--import",
      preload,
      "--input-type=module-typescript",
      "--eval",
      code,
    ],
    {
      cwd: root,
      timeout: 30_000,
      env: {
        PATH: process.env["PATH"],
        NODE_NO_WARNINGS: "1",
        README_CALL: JSON.stringify({ toolName, input: JSON.stringify(input) }),
      },
    },
  );
  return stdout.trim().split("\n");
}

test.each([
  ["Two lines", "research", { topic: "tides" }, /^It is in\.$/],
  ["Tools", "report", { topic: "tides" }, /^It is in\.$/],
  ["Until idle", "research", { topic: "tides" }, /^idle \d It is in\.$/],
  ["Agents as tasks", "researcher", { prompt: "tides" }, /^It is in\.$/],
])("the program under %s does what it says", async (heading, toolName, input, last) => {
  const printed = await run(snippet(heading), toolName, input);

  expect(printed.at(-1)).toMatch(last);
});
