import type { ArgumentKind, CommandRule } from "../rule.ts";
import { plain } from "./plain-flags.ts";

/** A name pattern. Without a slash, since where it comes late it may be taken as one more file. */
const name = /[^/]+/;

const options: Readonly<Record<string, "none" | ArgumentKind>> = {
  // Not -z and -Z, with which macOS's decompresses.
  ...plain("-n -i -l -L -c -w -x -v -h -H -o -q -s -a -I -E -F -G -P"),
  ...plain("--line-number --ignore-case --files-with-matches --files-without-match --count"),
  ...plain("--word-regexp --line-regexp --invert-match --no-filename --with-filename --quiet"),
  ...plain("--only-matching --text --extended-regexp --fixed-strings --perl-regexp"),
  ...plain("--color=never --no-messages"),
  ...{ "-A": "number", "-B": "number", "-C": "number", "-m": "number" },
  ...{ "--after-context": "number", "--before-context": "number", "--context": "number" },
  ...{ "--max-count": "number", "--include": name, "--exclude": name, "--exclude-dir": name },
};

const recursive = plain("-r --recursive");

/**
 * `grep PATTERN PATH...` or, with the flags first, `grep -e PATTERN PATH...`; with `-r` too, but
 * not with `-R`, which follows links. busybox's `-r` follows links to files: a flag that it does
 * not know makes it fail. Devices and pipes that `-r` finds are skipped.
 */
export const grep: readonly CommandRule[] = [
  patternFirst(options, []),
  patternAsFlag(options, []),
  patternFirst({ ...options, ...recursive }, ["--devices=skip"]),
  patternAsFlag({ ...options, ...recursive }, ["--devices=skip"]),
];

function patternFirst(
  flags: Readonly<Record<string, "none" | ArgumentKind>>,
  before: readonly string[],
): CommandRule {
  return {
    arguments: {
      flags,
      bundling: true,
      order: "anywhere",
      positionals: { first: ["text"], kind: "path", min: 1 },
      insert: { before },
    },
  };
}

/** With -e the first argument is a path, where above it is any text. */
function patternAsFlag(
  flags: Readonly<Record<string, "none" | ArgumentKind>>,
  before: readonly string[],
): CommandRule {
  return {
    arguments: {
      flags: { ...flags, "-e": "text", "--regexp": "text" },
      bundling: true,
      positionals: { kind: "path" },
      insert: { before },
    },
  };
}
