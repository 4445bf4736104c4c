import type { CommandRule } from "../rule.ts";
import { find } from "./find.ts";
import { grep } from "./grep.ts";
import { ripgrep } from "./ripgrep.ts";
import { compareFiles, describeFiles } from "./show-files.ts";
import { showText } from "./show-text.ts";
import { echo, names } from "./words.ts";

/**
 * Rules for programs that list, show and search what is in the workspace, to be spread into
 * `commands`: `basename`, `cat`, `cut`, `date`, `diff`, `dirname`, `du`, `echo`, `file`, `find`,
 * `grep`, `head`, `ls`, `md5sum`, `pwd`, `realpath`, `rg`, `sed -n N,Mp`, `sha1sum`, `sha256sum`,
 * `sha512sum`, `sort`, `stat`, `tail`, `uniq` and `wc`.
 *
 * None of them can be told to write, to run a program, to wait for more input of a file (`tail -f`),
 * or to read outside the root. They are written for GNU's, busybox's and BSD's programs, of which
 * macOS has its own: a flag that means different things there is left out, and what cannot be made
 * safe with one of them fails there (`grep -r` and `diff` with busybox). macOS's own were checked
 * by their manuals, not run.
 *
 * Limits: what is readable in the workspace is shown, secrets included; a pattern may be slow; a
 * link that another process changes after the check is followed. A sandbox is the boundary.
 */
export const readOnly: Readonly<Record<string, CommandRule | readonly CommandRule[]>> =
  Object.freeze({
    ...names,
    ...showText,
    ...describeFiles,
    diff: compareFiles,
    echo,
    find,
    grep,
    rg: ripgrep,
  });
