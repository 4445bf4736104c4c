import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Scripted } from "./wires/model-server.ts";
import { chat, claude, responses, type TestedWire } from "./wires/wires.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The first TypeScript block under a heading. */
async function snippet(heading: string): Promise<string> {
  const readme = await readFile(`${root}/README.md`, "utf8");
  const section = readme.split(`\n## ${heading}\n`)[1] ?? "";
  return section.split("```ts\n")[1]?.split("```")[0] ?? "";
}

/** Runs it in a process of its own, against the server, and gives what it prints. */
async function run(code: string, url = "http://127.0.0.1:9"): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=meanwhile-source", "--input-type=module-typescript", "--eval", code],
    {
      cwd: root,
      env: {
        PATH: process.env["PATH"],
        NODE_NO_WARNINGS: "1",
        OPENAI_API_KEY: "dummy",
        OPENAI_BASE_URL: url,
        ANTHROPIC_API_KEY: "dummy",
        ANTHROPIC_BASE_URL: url,
      },
    },
  );
  return stdout;
}

const script: readonly Scripted[] = [
  { calls: [{ id: "a", name: "research", input: { topic: "tides" } }] },
  { text: "What is brown and sticky? A stick." },
  { text: "The tides are in." },
];

test("the snippet without a loop prints what it says", async () => {
  const lines = (await run(await snippet("Without a loop"))).split("\n");

  expect(lines[0]).toMatch(/^(queued|running|completed)$/);
  expect(lines.slice(1)).toEqual(["from the west", "", ""]);
});

test.each<readonly [string, TestedWire]>([
  ["OpenAI Chat", chat],
  ["OpenAI Responses", responses],
  ["Anthropic", claude],
])("the snippet for %s runs until it is idle", async (heading, wire) => {
  await using model = await wire.start(script);

  const printed = await run(await snippet(heading), model.url);

  expect(printed).toMatch(/^idle .*(The tides are in\.|A stick\.)/);
  expect(JSON.stringify(model.accepted.at(-1))).toContain("All about tides.");
  expect(model.refused).toEqual([]);
});

test("the snippet of a loop of your own tells the result and answers the calls", async () => {
  await using model = await chat.start([
    { calls: [{ id: "a", name: "list_tasks", input: {} }] },
    { text: "High at noon." },
  ]);

  const printed = await run(await snippet("A loop of your own, and streams"), model.url);

  expect(printed).toBe("High at noon.\n");
  expect(JSON.stringify(model.accepted[0])).toContain("high at noon");
  expect(model.refused).toEqual([]);
});
