import { basename } from "node:path";
import type { WordsLine } from "../../../src/command/shell/words-line.ts";

/** What `recordLines` must give for a line: which of its commands run, with which words and pipes. */
export function expectedRecord(line: WordsLine): readonly (readonly string[])[] {
  const record: (readonly string[])[] = [];
  let failed = false;
  let runs = true;
  for (const [index, [name = "", ...words]] of line.commands.entries()) {
    const before = line.operators[index - 1];
    const after = line.operators[index];
    if (before === "&&") runs = !failed;
    if (before === "||") runs = failed;
    if (before === ";") runs = true;
    if (!runs) continue;
    const pipes = `${before === "|" ? "p" : "-"}${after === "|" ? "p" : "-"}`;
    record.push([pipes, basename(name), ...words]);
    if (after !== "|") failed = words.length % 2 === 1;
  }
  return record;
}

/** Two records as texts that are equal when nothing but the order differs. */
export function inAnyOrder(record: readonly (readonly string[])[]): string {
  return record
    .map((command) => JSON.stringify(command))
    .toSorted()
    .join("\n");
}
