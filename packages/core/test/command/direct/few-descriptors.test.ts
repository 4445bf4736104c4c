import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { anyCommand } from "../any-command.ts";

const label = `few-descriptors-${process.pid}`;
const commands = anyCommand(label);

afterAll(async () => {
  expect(await commands.endSurvivors()).toEqual([]);
});

describe("a start at a time when the system is out of descriptors", () => {
  it("is tried again until there are some, and loses no output", async () => {
    const file = fileURLToPath(new URL("many-commands.ts", import.meta.url));
    const script = 'ulimit -n 40; exec "$0" --disable-warning=ExperimentalWarning "$@"';
    const words = ["-c", script, process.execPath, file, label, "20"];
    const { stdout } = await promisify(execFile)("sh", words, { timeout: 25_000 });
    const { waits, runs } = JSON.parse(stdout);
    expect(waits).toBeGreaterThan(0);
    expect(runs).toHaveLength(20);
    for (const [number, { result, output }] of runs.entries()) {
      expect(result).toMatchObject({ exitCode: 0, truncated: false });
      expect(output).toBe(`${number}\n`);
    }
  });
});
