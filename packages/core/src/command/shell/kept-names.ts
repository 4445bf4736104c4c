/**
 * Words that mean something to a shell itself where a program's name is expected: the reserved
 * words of bash, zsh, busybox and the ksh family, and builtins that act on the shell, so that no
 * program can stand for them.
 */
export const keptNames: ReadonlySet<string> = new Set(
  [
    // Reserved words.
    "if then elif else fi case esac in for foreach select while until repeat do done end",
    "function time coproc nocorrect noglob",
    // What runs its arguments, or a file, in the shell.
    ". source eval exec command builtin trap sched",
    // What changes the shell.
    "cd chdir pushd popd dirs alias unalias set unset shift export readonly declare typeset local",
    "global float integer nameref private let read readarray mapfile getopts getln vared hash",
    "rehash unhash enable disable shopt setopt unsetopt emulate autoload functions unfunction",
    "umask ulimit limit unlimit zmodload zle zstyle bindkey bind complete compgen compopt compadd",
    "zcompile zparseopts zformat zregexparse comparguments compctl fc history",
    // What leaves it, or asks it.
    "exit logout bye return break continue suspend jobs fg bg wait disown times type whence caller",
  ].flatMap((names) => names.split(" ")),
);
