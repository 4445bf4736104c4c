import type { ArgumentGrammar, ArgumentKind, CommandRule } from "../rule.ts";
import { plain } from "./plain-flags.ts";

const fileType = /[a-z0-9_-]+/;

const options: Readonly<Record<string, "none" | ArgumentKind>> = {
  ...plain("-n -N -i -s -S -F -w -x -v -l -c -o -U -P -H -I -a -u -. -0 -q"),
  ...plain("--line-number --no-line-number --ignore-case --case-sensitive --smart-case --column"),
  ...plain("--fixed-strings --word-regexp --line-regexp --invert-match --files-with-matches"),
  ...plain("--files-without-match --count --count-matches --only-matching --multiline --pcre2"),
  ...plain("--multiline-dotall --with-filename --no-filename --heading --no-heading --hidden"),
  ...plain("--no-ignore --no-ignore-vcs --text --vimgrep --json --stats --trim --quiet --null"),
  ...plain("--color=never --passthru"),
  ...{ "-A": "number", "-B": "number", "-C": "number", "-m": "number", "-M": "number" },
  ...{ "-d": "number", "--max-depth": "number", "--max-count": "number", "--context": "number" },
  ...{ "--after-context": "number", "--before-context": "number", "--max-columns": "number" },
  ...{ "-g": "text", "--glob": "text", "--iglob": "text" },
  ...{ "-t": fileType, "-T": fileType, "--type": fileType, "--type-not": fileType },
  ...{ "--sort": ["path", "modified", "created", "accessed", "none"] },
};

// What a configuration file says comes before these, and may be --pre.
const shared = {
  bundling: true,
  order: "anywhere",
  insert: { before: ["--no-config"] },
} as const satisfies ArgumentGrammar;

/**
 * ripgrep: `rg PATTERN PATH...`, `rg -e PATTERN PATH...` and `rg --files PATH...`. It follows no
 * links (`-L`), runs nothing (`--pre`, `-z`, `--hostname-bin`) and reads no patterns or settings
 * from files, but for the files that say what to ignore.
 */
export const ripgrep: readonly CommandRule[] = [
  {
    arguments: {
      ...shared,
      flags: options,
      positionals: { first: ["text"], kind: "path", min: 1 },
    },
  },
  {
    arguments: {
      ...shared,
      // With these the first argument is a path, where above it is any text.
      flags: { ...options, ...plain("--files --type-list"), "-e": "text", "--regexp": "text" },
      positionals: { kind: "path" },
    },
  },
];
