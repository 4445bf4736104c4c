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
async function run(code: string, name: string, args: object): Promise<string[]> {
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
        README_CALL: JSON.stringify({ name, args }),
      },
    },
  );
  return stdout.trim().split("\n");
}

test.each([
  ["A runner", "research", { topic: "tides" }, /^idle [12] It is in\.$/],
  ["Your own tools in the background", "report", { topic: "tides" }, /^It is in\.$/],
  ["Agents as tasks", "researcher", { prompt: "tides" }, /^It is in\.$/],
])(
  "the program under %s does what it says",
  { timeout: 60_000 },
  async (heading, name, args, last) => {
    const printed = await run(snippet(heading), name, args);

    expect(printed.at(-1)).toMatch(last);
  },
);
