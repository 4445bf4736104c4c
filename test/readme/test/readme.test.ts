import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileOf, isCode, isProgram, readBlocks } from "../src/blocks.ts";
import { checkTypes } from "../src/check-types.ts";
import { readDocuments, root } from "../src/documents.ts";
import { brokenLinks } from "../src/links.ts";
import { type ModelServer, startModelServer } from "../src/model-server.ts";
import { runProgram, saidToPrint, withoutChance } from "../src/run-program.ts";

const documents = readDocuments();
const blocks = documents.flatMap(readBlocks);
const code = blocks.filter(isCode);
const titled = code.map((block) => ({ ...block, title: `${block.path}:${block.line}` }));

test("every block of code is known: none is left out", () => {
  const counts = documents.map(({ path, text }) => {
    const own = code.filter((block) => block.path === path);
    const programs = own.filter(isProgram).length;
    return {
      path,
      fences: text.match(/^\s*(```|~~~)/gm)?.length ?? 0,
      programs,
      fragments: own.length - programs,
    };
  });

  expect(counts).toEqual([
    { path: "README.md", fences: 10, programs: 1, fragments: 3 },
    { path: "SECURITY.md", fences: 0, programs: 0, fragments: 0 },
    { path: "packages/ai-sdk/README.md", fences: 18, programs: 0, fragments: 8 },
    { path: "packages/core/README.md", fences: 34, programs: 14, fragments: 0 },
    { path: "packages/functions/README.md", fences: 12, programs: 5, fragments: 0 },
    { path: "packages/langchain/README.md", fences: 14, programs: 1, fragments: 5 },
    { path: "packages/langgraph/README.md", fences: 8, programs: 3, fragments: 0 },
    { path: "docs/policies.md", fences: 8, programs: 3, fragments: 1 },
  ]);
});

test("what is no code is a command line or an output", () => {
  const others = blocks.filter((block) => !isCode(block));

  expect(others.filter(({ language }) => !["sh", "text"].includes(language))).toEqual([]);
});

test.each(documents)("the links of $path lead somewhere", (document) => {
  expect(brokenLinks(document)).toEqual([]);
});

test.each([
  ["error code", "errors.ts", /^ {2}\| "([A-Z_]+)"/gm],
  ["event", "manager/events.ts", /readonly type: "([a-z-]+)"/g],
  ["option of the manager", "manager/options.ts", /^ +readonly (\w+)\?:/gm],
  ["option of retention", "lifecycle/retention.ts", /^ {2}readonly (\w+)\?:/gm],
  ["option of start", "task/start-options.ts", /^ {2}readonly (\w+)\?:/gm],
  ["option of the SQLite store", "store/sqlite/sqlite-store.ts", /^ {2}readonly (\w+)\??:/gm],
  ["option of download", "download/options.ts", /^ {2}readonly (\w+)\?:/gm],
  ["field of a definition", "task/definition.ts", /^ {2}readonly (\w+)\??:/gm],
  ["field of a snapshot", "task/snapshot.ts", /^ {2}readonly (\w+):/gm],
])("the README of the core names every %s", async (_kind, file, pattern) => {
  const source = await readFile(join(root, "packages/core/src", file), "utf8");
  const names = [...source.matchAll(pattern)].map(([, name = ""]) => name);
  const { text = "" } = documents.find(({ path }) => path === "packages/core/README.md") ?? {};

  expect(names).not.toEqual([]);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});

describe("the types of", () => {
  const wrong = { name: "wrong.js", text: "session.start(5);\n" };
  let errors: string[];

  beforeAll(async () => {
    errors = await checkTypes([...code.map(fileOf), wrong]);
  }, 120_000);

  test.each(titled)("$title hold", (block) => {
    const { name } = fileOf(block);

    expect(errors.filter((error) => error.startsWith(name))).toEqual([]);
  });

  test("wrong code do not", () => {
    expect(errors.filter((error) => error.startsWith(wrong.name))).toEqual([
      expect.stringContaining("TS2345"),
    ]);
  });
});

describe("the program of", () => {
  let model: ModelServer;

  beforeAll(async () => {
    model = await startModelServer();
  });

  afterAll(async () => {
    await model[Symbol.asyncDispose]();
  });

  test.each(titled.filter(isProgram))(
    "$title runs and ends",
    { timeout: 90_000 },
    async (block) => {
      const printed = await runProgram(block, model.url);

      let rest = printed;
      for (const text of saidToPrint(block)) {
        expect(rest).toContain(text);
        rest = rest.slice(rest.indexOf(text) + text.length);
      }
      if (block.output !== undefined) {
        expect(withoutChance(printed)).toBe(withoutChance(block.output));
      }
    },
  );
});
