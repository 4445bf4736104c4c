/** Settings by which a repository makes git run a program, or read a file, of its choice. */
const settings: readonly string[] = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.pager=cat",
  // A signature is checked by a program, also because of format.pretty=%G?.
  "log.showSignature=false",
  ...["gpg.program", "gpg.openpgp.program", "gpg.x509.program", "gpg.ssh.program"].map(
    (program) => `${program}=false`,
  ),
  // Objects that a partial clone does not have are fetched when they are looked at.
  ...["core.sshCommand=false", "core.gitProxy=false", "core.askPass=false", "protocol.allow=never"],
  ...["ext", "file", "git", "ssh", "http", "https"].map((name) => `protocol.${name}.allow=never`),
  // In a submodule git runs again, with the submodule's own settings.
  ...["diff.submodule=short", "diff.ignoreSubmodules=all", "status.submoduleSummary=false"],
  "submodule.recurse=false",
  // The terminal's control sequences are for people.
  "color.ui=false",
];

/**
 * What goes before a subcommand. The repository is the one in the working directory: it is neither
 * looked for in the folders above, nor found among the files, nor somewhere else by core.worktree.
 */
export const closeRepository: readonly string[] = [
  ...["--git-dir=.git", "--work-tree=.", "--no-pager", "--no-optional-locks"],
  ...settings.flatMap((setting) => ["-c", setting]),
];

/** What goes after a subcommand that shows differences. */
export const closeDiffs: readonly string[] = [
  "--no-ext-diff",
  "--no-textconv",
  "--ignore-submodules=all",
];
