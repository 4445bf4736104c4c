import { join } from "node:path";
import { expectInOrder } from "kit/expect-in-order";
import { startOpenAIServer } from "kit/openai-server";
import { type ProgramOptions, type ProgramRun, runProgram } from "kit/run-program";
import { describe, expect, test } from "vitest";
import { siteScript } from "../script/site-script.ts";
import { summaryScript } from "../script/summary-script.ts";

const folder = join(import.meta.dirname, "..");

/** On a slower site than that of people who watch, so that a busy machine keeps up with it. */
function start(options: Partial<ProgramOptions> = {}): Promise<ProgramRun> {
  return runProgram({ folder, ...options, env: { SLOWNESS: "2", ...options.env } });
}

const story = [
  "user   Check the links",
  "agent  I run both in the background.",
  /→ check_links \{"url":"http:.*","background":true\}/,
  "→ build_index",
  "agent  Ask me anything meanwhile.",
  "user   What is a search index good for?",
  "agent  It says of each word",
  "user   Is the site public now?",
  "Summary of the conversation: started",
  "agent  Not yet",
  "Search index: completed",
  "the older messages are a summary now",
  "so the model is told again what still runs",
  "agent  The index is built: 92 words on 13 pages. The links are still being checked. So I publish",
  "→ publish",
  /asks {3}May the agent publish \{"url":"http:.*"\}\?/,
  "Link check: completed",
  "a wake is put off for 1 s: first a person is asked",
  "user   Yes.",
  "agent  It is public now. 49 links checked, 1 broken: /spring-tides links to /neap-tide.",
];

describe("without a terminal", { timeout: 240_000, concurrent: true }, () => {
  test("the agent works in the background, goes on after a summary, and asks before it publishes", async () => {
    const { output, exitCode } = await start();

    expectInOrder(output, story);
    expect(output.match(/It is public now\./g)).toHaveLength(1);
    expect(output.match(/49 links checked/g)).toHaveLength(1);
    expect(output.trimEnd().split("\n").at(-1)).toContain("It is public now.");
    expect(output).not.toContain("\x1b");
    expect(exitCode).toBe(0);
  });

  test.each([
    ["while the tasks run", /Search index: at/],
    ["while the agent speaks", /→ build_index/],
    ["while a person is asked", /May the agent publish/],
  ])("Ctrl-C %s ends it at once", async (_when, at) => {
    const { output, signal } = await start({ stop: { at, by: "SIGINT" } });

    expect(output).toMatch(/^stopped$/m);
    expect(output).not.toMatch(/Error|It is public/);
    expect(signal).toBe("SIGINT");
  });

  test("a model that speaks OpenAI's format can take the place of the scripted one", async () => {
    await using server = await startOpenAIServer(({ hasTools }) =>
      hasTools ? siteScript : summaryScript,
    );

    const { output, exitCode } = await start({
      env: { OPENAI_API_KEY: "key", OPENAI_BASE_URL: server.url, MODEL: "site-1" },
    });

    expect(output).toMatch(/^The model: site-1 at http:\/\/127\.0\.0\.1:\d+\/v1\.$/m);
    expectInOrder(output, story);
    expect([...server.models]).toEqual(["site-1"]);
    expect(exitCode).toBe(0);
  });
});
