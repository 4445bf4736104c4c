import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseWords } from "../../../src/command/shell/parse-words.ts";
import { quoteLine, quoteWord } from "../../../src/command/shell/quote.ts";
import type { WordsLine } from "../../../src/command/shell/words-line.ts";
import { pick, seeded } from "../../support/seeded.ts";
import { readCorpus } from "./corpus.ts";
import { expectedRecord, inAnyOrder } from "./expected-record.ts";
import { createHostileFolder, type HostileFolder } from "./hostile-folder.ts";
import { grammarLine, mutated } from "./random-lines.ts";
import { recordLines, type Surroundings } from "./record-lines.ts";
import { findShells, type Shell } from "./shells.ts";

const seed = Number(process.env["SHELL_FUZZ_SEED"] ?? 1);
const generated = Number(process.env["SHELL_FUZZ_LINES"] ?? 21_000);

interface Accepted {
  readonly text: string;
  readonly line: WordsLine;
}

const accepted: Accepted[] = [];
let folder: HostileFolder;
let functions: readonly string[];
let aliases: readonly string[];

beforeAll(async () => {
  folder = await createHostileFolder();
  const corpus = (await readCorpus()).map(({ line }) => line).filter((line) => line.length < 400);
  const random = seeded(seed);
  const texts = [...corpus];
  while (texts.length < generated) {
    const kind = random();
    if (kind < 0.6) texts.push(grammarLine(random));
    else texts.push(mutated(random, kind < 0.75 ? grammarLine(random) : pick(random, corpus)));
  }
  for (const text of texts) {
    const result = parseWords(text);
    if (result.ok && result.line.commands.every(([name]) => canRecord(name))) {
      accepted.push({ text, line: result.line });
    }
  }
  console.info(`${accepted.length} of ${texts.length} lines are plain words (seed ${seed})`);
  const all = new Set(accepted.flatMap(({ line }) => line.commands.map(([name = ""]) => name)));
  functions = [...all].filter((name) => identifier.test(name));
  for (const name of all) if (!name.includes("/")) await folder.addProgram(name);
  const words = accepted.slice(0, 2_000).flatMap(({ line }) => line.commands.flat());
  aliases = [...new Set([...functions, ...words])].filter((word) => identifier.test(word));
});

afterAll(() => folder.remove());

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether a function or program of this name can be put where every shell finds it. */
function canRecord(name = ""): boolean {
  return !name.includes("/") || name === "./here";
}

describe.concurrent.each(findShells())("$name", { timeout: 120_000 }, (shell) => {
  const hostile = `${shell.options}\n${shell.quotedOptions}`;

  it.skipIf(shell.path === undefined)(
    "gives programs the words that the grammar reads, as the line is written",
    async () => {
      expect(accepted.length).toBeGreaterThan(generated / 4);
      const plain = { functions, aliases: [], options: "", locale: "C.UTF-8" } as const;
      await compare(shell, accepted, ({ text }) => text, plain);
    },
  );

  it.skipIf(shell.path === undefined)("gives them whatever its options are", async () => {
    const { options } = shell;
    const some = accepted.filter((_, index) => index % 6 === 0);
    const surroundings = { functions, aliases: [], options, locale: "C" } as const;
    await compare(shell, some, ({ text }) => text, surroundings);
  });

  it.skipIf(shell.path === undefined)(
    "gives them as the line is quoted, whatever its options and aliases are",
    async () => {
      const surroundings = { functions, aliases, options: hostile, locale: "C" } as const;
      const some = accepted.filter((_, index) => index % 3 === 0);
      await compare(shell, some, ({ line }) => quoteLine(line), surroundings);
    },
  );

  it.skipIf(shell.path === undefined)(
    "runs programs, not builtins or aliases, when names are absolute paths",
    async () => {
      const some = accepted
        .filter(({ line }) => line.commands.every(([name = ""]) => !name.includes("/")))
        .slice(0, 100);
      const absolute = ({ line: { commands, operators } }: Accepted): string => {
        const resolved = commands.map(([name = "", ...words]) => [
          join(folder.bin, name),
          ...words,
        ]);
        return quoteLine({ commands: resolved, operators });
      };
      const paths = functions.slice(0, 50).map((name) => join(folder.bin, name));
      await compare(shell, some, absolute, {
        functions: [],
        aliases: [...aliases, ...paths],
        options: hostile,
        locale: "C.UTF-8",
      });
    },
  );

  it.skipIf(shell.path === undefined)("is noticed when it reads words otherwise", async () => {
    const plain = { functions: ["echo", "a"], aliases: [], options: "", locale: "C" } as const;
    const misread: readonly Accepted[] = [
      { text: "echo ~", line: { commands: [["echo", "~"]], operators: [] } },
      { text: "echo ?", line: { commands: [["echo", "?"]], operators: [] } },
      { text: "echo $a", line: { commands: [["echo", "$a"]], operators: [] } },
      { text: "echo a #b", line: { commands: [["echo", "a", "#b"]], operators: [] } },
      { text: "echo a | a", line: { commands: [["echo", "a"], ["a"]], operators: [";"] } },
      { text: "echo a || a", line: { commands: [["echo", "a"], ["a"]], operators: ["&&"] } },
      { text: "echo a && a", line: { commands: [["echo", "a"], ["a"]], operators: [";"] } },
      { text: "echo a; a", line: { commands: [["echo", "a;"], ["a"]], operators: [";"] } },
    ];
    const different = await differences(shell, misread, ({ text }) => text, plain);
    expect(different.map(({ text }) => text)).toEqual(misread.map(({ text }) => text));
  });
});

it("reads its own quoted words as the same words", () => {
  for (const { line } of accepted) {
    const commands = line.commands.map(([name, ...words]) =>
      [name, ...words.map(quoteWord)].join(" "),
    );
    const text = commands.reduce(
      (all, each, index) => `${all} ${line.operators[index - 1]} ${each}`,
    );
    expect(parseWords(text)).toEqual({ ok: true, line });
  }
});

async function compare(
  shell: Shell,
  lines: readonly Accepted[],
  spell: (line: Accepted) => string,
  surroundings: Surroundings,
): Promise<void> {
  const different = await differences(shell, lines, spell, surroundings);
  expect(different.slice(0, 5), `${different.length} lines, SHELL_FUZZ_SEED=${seed}`).toEqual([]);
}

async function differences(
  { path = "", ...shell }: Shell,
  lines: readonly Accepted[],
  spell: (line: Accepted) => string,
  surroundings: Surroundings,
): Promise<readonly { text: string; expected: string; recorded: string }[]> {
  const texts = lines.map(spell);
  const records = await recordLines({ ...shell, path }, folder, texts, surroundings);
  return lines.flatMap(({ line }, index) => {
    const expected = inAnyOrder(expectedRecord(line));
    const recorded = inAnyOrder(records[index] ?? []);
    return expected === recorded ? [] : [{ text: texts[index] ?? "", expected, recorded }];
  });
}
