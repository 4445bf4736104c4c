import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A shell of this machine, and what makes it difficult. */
export interface Shell {
  readonly name: string;
  /** Undefined where it is not installed. */
  readonly path: string | undefined;
  /** The Debian package that has it. */
  readonly debian: string;
  /** What comes before the script's path. */
  readonly flags: readonly string[];
  /** What says a builtin where a function has its name. */
  readonly builtin: string;
  /** Lines that switch on what might change the meaning of a word. */
  readonly options: string;
  /** The same for lines in which nothing but quoted words stands. */
  readonly quotedOptions: string;
}

/** The shells that lines are compared in. Says loudly which of them are missing. */
export function findShells(): readonly Shell[] {
  const shells = known.map((shell) => ({ ...shell, path: find(shell.program) }));
  for (const { name, path, debian } of shells) {
    if (path === undefined) {
      console.warn(
        `${name} is not installed, so nothing is compared with it: apt install ${debian}`,
      );
    }
  }
  return shells;
}

const known = [
  {
    name: "bash",
    program: "bash",
    debian: "bash",
    flags: ["--norc", "--noprofile"],
    builtin: "command",
    options: [
      "shopt -s extglob nullglob dotglob globstar nocaseglob nocasematch expand_aliases",
      "shopt -s xpg_echo autocd cdspell direxpand progcomp_alias 2>/dev/null",
      "HISTSIZE=2; set -u -B -o history -o histexpand",
    ].join("\n"),
    quotedOptions: "set -k",
  },
  {
    name: "dash",
    program: "dash",
    debian: "dash",
    flags: [],
    builtin: "command",
    options: "set -u",
    quotedOptions: "",
  },
  {
    name: "zsh",
    program: "zsh",
    debian: "zsh",
    flags: ["-f"],
    builtin: "builtin",
    options: [
      "setopt aliases extended_glob ksh_glob null_glob csh_null_glob glob_dots glob_star_short",
      "setopt numeric_glob_sort brace_ccl rc_expand_param rc_quotes magic_equal_subst glob_subst",
      "setopt sh_word_split glob_assign interactive_comments bang_hist csh_junkie_history",
      "setopt csh_junkie_quotes equals sh_file_expansion path_dirs auto_cd cdable_vars glob_complete",
      "setopt ignore_braces bsd_echo posix_aliases hist_subst_pattern no_nomatch no_unset",
    ].join("\n"),
    quotedOptions: "unsetopt ignore_braces",
  },
  {
    name: "busybox sh",
    program: "busybox",
    debian: "busybox",
    flags: ["sh"],
    builtin: "command",
    options: "set -u",
    quotedOptions: "",
  },
] as const;

function find(program: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
