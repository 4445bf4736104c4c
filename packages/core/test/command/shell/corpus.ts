import { readFile } from "node:fs/promises";

/** A line of the corpus of hostile commands, and what must become of it. */
export interface CorpusLine {
  readonly id: string;
  readonly note: string;
  readonly line: string;
  readonly expected: string;
}

/** Texts may be spelled as parts, so that the file stays small. */
type Text = string | { $concat: readonly Text[] } | { $repeat: readonly [string, number] };

interface Case {
  readonly id: string;
  readonly note: string;
  readonly input: { readonly shell: Text };
  readonly expect: { readonly shell: string };
}

export async function readCorpus(): Promise<readonly CorpusLine[]> {
  const file = new URL("../../fixtures/hostile-commands.json", import.meta.url);
  const cases: readonly Case[] = JSON.parse(await readFile(file, "utf8"));
  return cases.map(({ id, note, input, expect }) => ({
    id,
    note,
    line: toText(input.shell),
    expected: expect.shell,
  }));
}

function toText(text: Text): string {
  if (typeof text === "string") return text;
  if ("$concat" in text) return text.$concat.map(toText).join("");
  return text.$repeat[0].repeat(text.$repeat[1]);
}
