import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectInOrder } from "kit/expect-in-order";
import { brokenModel, startOpenAIServer } from "kit/openai-server";
import { type ProgramOptions, type ProgramRun, processesIn, runProgram } from "kit/run-program";
import { describe, expect, test } from "vitest";
import { researchScript } from "../script/research-script.ts";
import { writerScript } from "../script/writer-script.ts";
import { probePostgres } from "./postgres.ts";

const postgres = await probePostgres();
const example = join(import.meta.dirname, "..");

async function openFolder() {
  const parent = await mkdtemp(join(tmpdir(), "meanwhile-langgraph-"));
  const path = join(parent, "state");
  return {
    path,
    start: (options: Partial<ProgramOptions> = {}): Promise<ProgramRun> =>
      runProgram({ folder: example, args: [path], ...options }),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  };
}

/** On a busy machine the agent takes its time as well: so it parks before the first file is there. */
const slow = { SLOWNESS: "4" };

const report = [
  "Report",
  /Brest: highest water 7\.31 m, lowest water 0\.88 m\./,
  /Dover: highest water 7\.06 m, lowest water 0\.33 m\./,
  /Lisbon: highest water 3\.64 m, lowest water 0\.56 m\./,
  "The moon pulls the near side of the sea more than the earth",
];

const tasks = [
  "explain",
  ...["brest", "dover", "lisbon"].flatMap((name) => [
    `Download ${name}.csv`,
    `node measure.mjs ${name}.csv`,
  ]),
];

/** Of all starts together: no task began twice, and there is one report at the end. */
function expectNothingTwice(output: string): void {
  for (const title of tasks) {
    const lines = output.split("\n").filter((line) => line.endsWith(`  ${title}: started`));
    expect(lines.length, `${title} began once in:\n${output}`).toBeLessThan(2);
  }
  expect(output.match(/agent {2}Report$/gm)).toHaveLength(1);
}

describe("without a terminal", { timeout: 240_000, concurrent: true }, () => {
  test("the agent starts all at once, parks, is woken, and reports", async () => {
    await using folder = await openFolder();

    const { output, exitCode } = await folder.start({ env: slow });

    expectInOrder(output, [
      "user   Compare the tides",
      "agent  I fetch the records",
      '→ download {"url":"http://127.0.0.1',
      "→ explain",
      "Download brest.csv: started",
      "All 4 run.",
      "parked:",
      /woken: \d to tell/,
      "Brest is here",
      '→ run_command {"argv":["node","measure.mjs","brest.csv"]}',
      "node measure.mjs brest.csv: completed",
      ...report,
    ]);
    expect(output).toMatch(/task {3}explain: read, read, read/);
    expectNothingTwice(output);
    expect(exitCode).toBe(0);
    expect(output).not.toContain("\x1b");
    expect(await processesIn(folder.path)).toEqual([]);
    expect(existsSync(folder.path)).toBe(false);
  });

  test("after Ctrl-C the next start goes on with the same thread", async () => {
    await using folder = await openFolder();

    const first = await folder.start({
      env: slow,
      stop: { at: /Download dover\.csv: at/, by: "SIGINT" },
    });
    const left = await processesIn(folder.path);
    const second = await folder.start();

    expect(first.signal, first.output).toBe("SIGINT");
    expect(first.output).toMatch(/^stopped; the next start goes on where it was$/m);
    expect(left).toEqual([]);
    expectInOrder(second.output, ["goes on with the thread of the start before", ...report]);
    expect(second.output).toMatch(/Download lisbon\.csv: goes on/);
    expect(second.output).not.toMatch(/→ (download|explain)/);
    expectNothingTwice(first.output + second.output);
    expect(second.exitCode).toBe(0);
    expect(existsSync(folder.path)).toBe(false);
  });

  test.each([
    ["while the tools are called", /explain: started/, slow],
    ["while it is parked", /parked:/, slow],
    ["while it is told", /woken:/, slow],
    ["while a command runs", /measure\.mjs brest\.csv: started/, {}],
  ])("killed %s, the next start does nothing twice", async (_when, at, env) => {
    await using folder = await openFolder();

    const first = await folder.start({ env, stop: { at, by: "SIGKILL" } });
    const second = await folder.start();

    expect(first.signal, first.output).toBe("SIGKILL");
    expectInOrder(second.output, report);
    expect(second.output).not.toMatch(/→ (download|explain)/);
    expectNothingTwice(first.output + second.output);
    expect(second.exitCode).toBe(0);
    expect(await processesIn(folder.path)).toEqual([]);
  });

  test.skipIf(postgres.missing)("the thread can be kept in PostgreSQL", async () => {
    await using folder = await openFolder();
    await using database = await postgres.open();
    const env = { DATABASE_URL: database.url };

    const first = await folder.start({
      env: { ...env, ...slow },
      stop: { at: /parked:/, by: "SIGKILL" },
    });
    const second = await folder.start({ env });

    expect(first.signal, first.output).toBe("SIGKILL");
    expectInOrder(second.output, ["goes on with the thread of the start before", ...report]);
    expectNothingTwice(first.output + second.output);
    expect(second.exitCode).toBe(0);
  });

  test("a model that speaks OpenAI's format can take the place of the scripted one", async () => {
    await using folder = await openFolder();
    await using server = await startOpenAIServer(({ hasTools }) =>
      hasTools ? researchScript : writerScript,
    );

    const { output, exitCode } = await folder.start({
      env: { OPENAI_BASE_URL: server.url, MODEL: "tide-1" },
    });

    expect(output).toMatch(/^The model: tide-1 at http:\/\/127\.0\.0\.1:\d+\/v1\.$/m);
    expectInOrder(output, ["agent  I fetch the records", "→ explain", ...report]);
    expectNothingTwice(output);
    expect([...server.models]).toEqual(["tide-1"]);
    expect(exitCode).toBe(0);
  });

  test("one that does not answer is named, and the next start goes on", async () => {
    await using folder = await openFolder();
    await using server = await startOpenAIServer(() => researchScript);

    const first = await folder.start({
      env: { OPENAI_BASE_URL: server.url, MODEL: brokenModel },
    });
    const second = await folder.start();

    expect(first.output).toMatch(/^The model does not answer: .*no such key/m);
    expect(first.output).not.toContain("    at ");
    expect(first.exitCode).toBe(1);
    expectInOrder(second.output, ["goes on with the thread of the start before", ...report]);
    expect(second.exitCode).toBe(0);
  });
});
