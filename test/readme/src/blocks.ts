import type { Document } from "./documents.ts";

/** A fenced block of a document. */
export interface Block {
  path: string;
  /** Line of the document on which the code begins, from 1. */
  line: number;
  /** The first word after the fence: `js`, `ts`, `sh`, … */
  language: string;
  /** The words behind it. `fragment` marks code that is no whole program. */
  words: string[];
  code: string;
  /** What a program prints, where a block marked `text output` follows it. */
  output: string | undefined;
}

export function readBlocks({ path, text }: Document): Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index += 1) {
    const [, info] = /^```(.+)$/.exec(lines[index] ?? "") ?? [];
    if (info === undefined) continue;
    const [language = "", ...words] = info.split(" ");
    const end = lines.indexOf("```", index);
    if (end === -1) throw new Error(`${path}:${index + 1}: this block has no end.`);
    const code = lines.slice(index + 1, end).join("\n");
    blocks.push({ path, line: index + 2, language, words, code, output: undefined });
    index = end;
  }
  for (const [index, { language, words, code }] of blocks.entries()) {
    const before = blocks[index - 1];
    if (language === "text" && words.includes("output") && before !== undefined) {
      before.output = code;
    }
  }
  return blocks;
}

export function isCode({ language }: Block): boolean {
  return language === "js" || language === "ts";
}

/** Code that is run; what is no program is a fragment, of which only the types are checked. */
export function isProgram(block: Block): boolean {
  return isCode(block) && !block.words.includes("fragment");
}

/** A file whose lines have the numbers that they have in the document. */
export function fileOf({ path, line, language, code }: Block): { name: string; text: string } {
  return {
    name: `${path.replaceAll("/", "-")}-${line}.${language}`,
    text: `${"\n".repeat(line - 1)}${code}\n`,
  };
}
