import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("./agent-process.ts", import.meta.url));

/** Runs the agent until it stops at the place, and kills it there; else to its end. */
async function run(folder: string, durability: string, place: string): Promise<string> {
  const child = spawn(
    process.execPath,
    ["--conditions=meanwhile-source", program, folder, durability, place],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1" },
    },
  );
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (line === `at ${place}`) child.kill("SIGKILL");
  }
  return last;
}

const places = [
  ["while the task works", "work"],
  ["before the checkpoint that holds the result is saved", "put"],
  ["when that is saved", "saved"],
  ["while the model reads the result", "model"],
  ["when the run has ended and nobody has acknowledged", "end"],
] as const;

describe.each(["sync", "exit"])("with durability %s, a process that is killed", (durability) => {
  test.each(places)(
    "%s loses nothing, and tells nothing twice",
    async (_when, place) => {
      const folder = await mkdtemp(join(tmpdir(), "meanwhile-"));
      try {
        expect(await run(folder, durability, place)).toBe(`at ${place}`);

        const { owed, lines } = JSON.parse(await run(folder, durability, "none"));

        expect(lines.filter((line: string) => /about gold/.test(line))).toHaveLength(1);
        expect(owed).toBe(0);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    60_000,
  );
});
