import type { CommandRule } from "../rule.ts";
import { plain } from "./plain-flags.ts";

const signed = /[+-]?\d+/;

/**
 * `find` with tests and with printing, its paths first. It follows no links, and has none of
 * `-exec`, `-ok`, `-delete`, `-fprint` and their kin. No brackets and no `!`: `-not`, `-a` and `-o`.
 */
export const find: CommandRule = {
  arguments: {
    order: "last",
    flags: {
      ...plain("-not -a -and -o -or -print -print0 -prune -empty -xdev -mount -depth"),
      ...{ "-maxdepth": "number", "-mindepth": "number" },
      ...{ "-name": "text", "-iname": "text", "-path": "text", "-ipath": "text" },
      ...{ "-regex": "text", "-iregex": "text", "-printf": "text" },
      ...{ "-mtime": signed, "-mmin": signed, "-ctime": signed, "-cmin": signed },
      "-size": /[+-]?\d+[bcwkMG]?/,
      "-type": ["f", "d", "l"],
    },
    positionals: { kind: "path" },
  },
};
