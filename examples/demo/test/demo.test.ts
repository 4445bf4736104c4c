import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { makeFolder, runDemo } from "./run-demo.ts";

const reports = {
  download: /The download is complete: 40\.0 MB, and the SHA-256 is right\./g,
  command: /The hashing is done: \d+ files, fingerprint [0-9a-f]{16}\./g,
  summarise: /The \d documents are summarised\. README\.md: ".+"/g,
};

function timesReported(output: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(reports).map(([name, report]) => [name, output.match(report)?.length ?? 0]),
  );
}

const onceEach = { download: 1, command: 1, summarise: 1 };

describe("without a terminal", { timeout: 150_000 }, () => {
  test("the demo tells of all results, draws them and compares the times", async () => {
    await using folder = await makeFolder();

    const { output, exitCode } = await runDemo(folder.path);

    expect(output).toMatch(/times as fast/);
    expect(exitCode).toBe(0);
    expect(timesReported(output)).toEqual(onceEach);
    // It answered while the download ran.
    const answer = output.indexOf("a client asks for the rest of a file only if");
    expect(answer).toBeGreaterThan(0);
    expect(answer).toBeLessThan(output.indexOf("The download is complete"));
    for (const name of Object.keys(reports)) {
      expect(output).toMatch(new RegExp(`^ ${name} +━+ *◆`, "m"));
    }
    const [, together, inSequence] = /everything done +([\d.]+) s +([\d.]+) s/.exec(output) ?? [];
    expect(Number(inSequence)).toBeGreaterThan(Number(together));
    expect(output).not.toContain("\x1b");
    expect(existsSync(folder.path)).toBe(false);
  });

  test("after Ctrl-C the next start goes on where it was", async () => {
    await using folder = await makeFolder();

    const first = await runDemo(folder.path, { at: /download is at/, by: "SIGINT" });
    const second = await runDemo(folder.path);

    expect(first.signal).toBe("SIGINT");
    expect(first.output).toMatch(/^stopped; npm start goes on where it was$/m);
    expect(second.exitCode).toBe(0);
    const [, percent] = /download resumed at (\d+) %/.exec(second.output) ?? [];
    expect(Number(percent)).toBeGreaterThanOrEqual(25);
    expect(second.output).toMatch(/It was interrupted and went on from 1\d\.\d MB/);
    expect(timesReported(first.output + second.output)).toEqual(onceEach);
    expect(second.output).not.toContain("→ download");
    expect(existsSync(folder.path)).toBe(false);
  });

  test("killed while the tools are called, the next start loses and repeats nothing", async () => {
    await using folder = await makeFolder();

    const first = await runDemo(folder.path, { at: /→ summarise/, by: "SIGKILL" });
    const second = await runDemo(folder.path);

    expect(first.signal).toBe("SIGKILL");
    expect(second.exitCode).toBe(0);
    expect(timesReported(second.output)).toEqual(onceEach);
  });
});
