import type { ArgumentGrammar, ArgumentKind, CommandRule } from "../rule.ts";
import { closeDiffs, closeRepository } from "./git-traps.ts";
import { plain } from "./plain-flags.ts";

type Flags = Readonly<Record<string, "none" | ArgumentKind>>;

const summaries = plain("--stat --shortstat --numstat --name-only --name-status --summary");
const counts = plain("-1 -2 -3 -5 -10 -20 -30 -50 -100");
const changes = /[ACDMRTUXBacdmrtuxb]+/;

const history: Flags = {
  ...summaries,
  ...counts,
  ...plain(
    "--oneline -p --patch -s --no-patch --graph --all --branches --tags --decorate --reverse",
  ),
  ...plain("--no-decorate --merges --no-merges --first-parent --follow --abbrev-commit -i -w"),
  ...plain("--pretty=oneline --pretty=short --pretty=medium --pretty=full --pretty=fuller"),
  ...{ "-n": "number", "--max-count": "number", "--skip": "number", "-U": "number" },
  ...{ "--author": "text", "--grep": "text", "--format": "text", "-S": "text", "-G": "text" },
  ...{ "--since": "text", "--until": "text", "--after": "text", "--before": "text" },
  "--date": ["iso", "iso-strict", "short", "relative", "local", "default", "unix", "human"],
  "--diff-filter": changes,
};

const differences: Flags = {
  ...summaries,
  ...plain("--cached --staged --check -w -b --ignore-all-space --ignore-space-change"),
  ...plain("--word-diff --minimal --patience --histogram --exit-code --quiet --merge-base"),
  ...{ "-U": "number", "--diff-filter": changes },
};

/**
 * `git` to look at the repository whose `.git` is in the working directory, each time when `approve`
 * says yes: `status`, `diff`, `log`, `show`, `blame`, `branch` (listing), `ls-files`, `rev-parse`.
 * It has to be asked for with the repository's top folder as `cwd`. Revisions and files are judged
 * as paths: give `HEAD` for `@`.
 *
 * A repository's own configuration can make git run programs. What is closed: file system monitor,
 * hooks, pager, external and textual diff drivers, signature checks, fetching of missing objects,
 * submodules, repositories within the files, and a work tree elsewhere. What is not, and why it asks:
 * - `filter.<name>.clean` and `.process` run in `status`, `diff`, `ls-files -m` and `blame`, when they
 *   read a changed file. `log`, `show`, `diff --cached` and those of two revisions do not.
 * - `.git` may be a link or lead elsewhere (worktrees, `objects/info/alternates`, `include.path`), so
 *   that another repository is read.
 * - git does not mind whose repository it is (`safe.directory`).
 */
export const gitReadOnly: readonly CommandRule[] = [
  git("status", ["--ignore-submodules=all"], {
    flags: {
      ...plain("-s --short -b --branch -sb --long --porcelain --porcelain=v1 --porcelain=v2 -z"),
      ...plain("--show-stash --ignored -uno -unormal -uall"),
      ...plain("--untracked-files=no --untracked-files=normal --untracked-files=all"),
    },
    positionals: { kind: "path" },
  }),
  git("diff", closeDiffs, { flags: differences, positionals: { kind: "path" } }),
  git("log", closeDiffs, { flags: history, positionals: { kind: "path" } }),
  git("show", closeDiffs, { flags: history, positionals: { kind: "path" } }),
  git("blame", ["--no-textconv", "--no-ignore-revs-file"], {
    flags: {
      ...plain("-w -s -e -l -t -p --porcelain --line-porcelain --show-email"),
      "-L": /\d+(,\+?\d+)?/,
    },
    positionals: { kind: "path", min: 1, max: 2 },
  }),
  git("branch", [], {
    flags: plain("-a -r -v -vv -av -avv --all --remotes --list --show-current"),
  }),
  git("ls-files", [], {
    flags: {
      ...plain("-c -o -m -d -s -t -z --cached --others --modified --deleted --stage"),
      ...plain("--exclude-standard --full-name --error-unmatch"),
    },
    positionals: { kind: "path" },
  }),
  git("rev-parse", [], {
    flags: plain(
      "--show-toplevel --git-dir --is-inside-work-tree --abbrev-ref --short --verify -q",
    ),
    positionals: { kind: "path" },
  }),
];

function git(
  subcommand: string,
  after: readonly string[],
  grammar: Pick<ArgumentGrammar, "flags" | "positionals">,
): CommandRule {
  return {
    decision: "ask",
    arguments: {
      ...grammar,
      prefix: [subcommand],
      order: "anywhere",
      insert: { before: closeRepository, after },
    },
  };
}
