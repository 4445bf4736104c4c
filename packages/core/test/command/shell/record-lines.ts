import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { HostileFolder } from "./hostile-folder.ts";
import type { Shell } from "./shells.ts";

/** How lines are run. */
export interface Surroundings {
  /** Names that are functions which record; the others are programs in the folder. */
  readonly functions: readonly string[];
  /** Names, words or paths that aliases would replace. */
  readonly aliases: readonly string[];
  /** Shell lines that come first. */
  readonly options: string;
  readonly locale: "C" | "C.UTF-8";
}

/** Many times what the longest run takes on an idle machine. */
const patienceMs = 110_000;
let runs = 0;

/**
 * Runs each line in one shell and gives for each what its commands were given, in any order:
 * `[whether stdin and stdout are pipes, program, ...arguments]`. A command fails when it has an odd
 * number of arguments.
 */
export async function recordLines(
  shell: Shell & { readonly path: string },
  folder: HostileFolder,
  lines: readonly string[],
  surroundings: Surroundings,
): Promise<readonly (readonly (readonly string[])[])[]> {
  runs += 1;
  const base = join(folder.scratch, `${runs}`);
  const script = `${base}.script`;
  const record = `${base}.record`;
  await writeFile(record, "");
  await writeFile(script, toScript(shell, lines, surroundings));
  // A shell that reads a line otherwise may well end with an error; the record shows it.
  await promisify(execFile)(shell.path, [...shell.flags, script], {
    cwd: folder.cwd,
    timeout: patienceMs,
    killSignal: "SIGKILL",
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...variables,
      PATH: folder.bin,
      LC_ALL: surroundings.locale,
      MEANWHILE_RECORD: record,
    },
  }).catch((error: { readonly killed?: boolean }) => {
    if (error.killed) throw new Error(`${shell.name} took more than ${patienceMs} ms`);
  });
  return toRecords((await readFile(record)).toString("utf8"), lines.length);
}

/** Variables that unquoted words would turn into something else. */
const variables = {
  HOME: "/hostile home",
  CDPATH: "/",
  a: "x y",
  b: "*",
  ls: "WRONG",
};

function toScript(shell: Shell, lines: readonly string[], surroundings: Surroundings): string {
  const { functions, aliases, options } = surroundings;
  const builtin = shell.builtin;
  return [
    'exec 3>>"$MEANWHILE_RECORD"',
    "meanwhile_record() {",
    "  meanwhile_in=- meanwhile_out=-",
    `  ${builtin} test -p /dev/fd/0 && meanwhile_in=p`,
    `  ${builtin} test -p /dev/fd/1 && meanwhile_out=p`,
    `  meanwhile_count=$(($# - 1)) meanwhile_name=$1`,
    "  shift",
    `  ${builtin} printf '%s\\000' "$meanwhile_count" "$meanwhile_in$meanwhile_out" "$meanwhile_name" "$@" >&3`,
    '  return "$(($# % 2))"',
    "}",
    `meanwhile_end() { ${builtin} printf 'end\\000' >&3; }`,
    ...functions.map((name) => `${name}() { meanwhile_record ${name} "$@"; }`),
    ...aliases.flatMap((name) => toAliases(shell, name)),
    `IFS="a-/=:.,x1'"`,
    options,
    ...lines.flatMap((line) => [line, "meanwhile_end"]),
    "",
  ].join("\n");
}

function toAliases(shell: Shell, name: string): readonly string[] {
  const alias = `alias -- ${name}=meanwhile_alias 2>/dev/null`;
  if (shell.name !== "zsh") return [alias.replace(" -- ", " ")];
  return [alias, `alias -g -- ${name}=meanwhile_alias`, `alias -s -- ${name}=meanwhile_alias`];
}

function toRecords(text: string, count: number): readonly (readonly (readonly string[])[])[] {
  const records: string[][][] = [];
  const fields = text.split("\0");
  let current: string[][] = [];
  for (let at = 0; at < fields.length - 1; ) {
    if (fields[at] === "end") {
      records.push(current);
      current = [];
      at += 1;
      continue;
    }
    const length = 2 + Number(fields[at]);
    current.push(fields.slice(at + 1, at + 1 + length));
    at += 1 + length;
  }
  while (records.length < count) records.push([["the shell did not come so far"]]);
  return records;
}
