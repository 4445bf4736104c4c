import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quoteLine, quoteWord } from "../../../src/command/shell/quote.ts";
import { seeded } from "../../support/seeded.ts";
import { createHostileFolder, type HostileFolder } from "./hostile-folder.ts";
import { anyText } from "./random-lines.ts";
import { recordLines } from "./record-lines.ts";
import { findShells, type Shell } from "./shells.ts";

describe("a quoted word", () => {
  it.each([
    ["", "''"],
    ["ls", "'ls'"],
    ["a b", "'a b'"],
    ["it's", `'it'"'"'s'`],
    ["'", `"'"`],
    ["''a'", `"''"'a'"'"`],
    ["$a `b` \\ !", "'$a `b` \\ !'"],
    ["a\nb", "'a\nb'"],
  ])("of %j is %s", (word, quoted) => {
    expect(quoteWord(word)).toBe(quoted);
  });

  it("cannot have a NUL character", () => {
    expect(() => quoteWord("a\0b")).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });
});

it("spells a line in one way", () => {
  const commands = [["/bin/ls", "-la"], ["/bin/a"], ["/bin/b", ""]];
  expect(quoteLine({ commands, operators: ["&&", "|"] })).toBe(
    "'/bin/ls' '-la' && '/bin/a' | '/bin/b' ''",
  );
  expect(quoteLine({ commands: [["/bin/ls"]], operators: [] })).toBe("'/bin/ls'");
});

describe.concurrent.each(findShells())("$name", { timeout: 120_000 }, (shell) => {
  it.skipIf(shell.path === undefined)("reads any text back", async () => {
    await readsBack(shell, words, "", "C.UTF-8");
  });

  it.skipIf(shell.path === undefined)("reads it back whatever its options are", async () => {
    // CSH_JUNKIE_QUOTES of zsh wants a backslash before a newline, in quotes too.
    const oneLine = words.filter((word) => !word.includes("\n"));
    await readsBack(shell, oneLine, `${shell.options}\n${shell.quotedOptions}`, "C");
  });
});

const words: string[] = [];
let folder: HostileFolder;

beforeAll(async () => {
  folder = await createHostileFolder();
  const random = seeded(7);
  for (let code = 1; code < 0x300; code += 1) words.push(String.fromCodePoint(code));
  words.push("", "\u2028", "\ufeff", "\uffff", "\u{10ffff}", "'".repeat(3_000), "\\".repeat(3_000));
  words.push("x'\n".repeat(30_000), "é'".repeat(10_000));
  while (words.length < 6_000) words.push(anyText(random, 60));
  for (let count = 0; count < 20; count += 1) words.push(anyText(random, 20_000));
});

afterAll(() => folder.remove());

async function readsBack(
  { path = "", ...shell }: Shell,
  texts: readonly string[],
  options: string,
  locale: "C" | "C.UTF-8",
): Promise<void> {
  const lines = texts.map((text) => `record ${quoteWord(text)} ${quoteWord(text)}x`);
  const records = await recordLines({ ...shell, path }, folder, lines, {
    functions: ["record"],
    aliases: [],
    options,
    locale,
  });
  const different = texts.filter((text, index) => {
    const expected = [["--", "record", text, `${text}x`]];
    return JSON.stringify(records[index]) !== JSON.stringify(expected);
  });
  expect(different.slice(0, 3).map((text) => text.slice(0, 200))).toEqual([]);
}
