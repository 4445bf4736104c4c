import type { CommandRule } from "../rule.ts";
import { plain } from "./plain-flags.ts";

/** Prints any text. Where `echo` is busybox, not one that begins with `-`. */
export const echo: readonly CommandRule[] = [
  { arguments: { flags: plain("-n -e -E"), separator: false, positionals: { kind: "text" } } },
  { arguments: "any" },
];

/** Programs that take apart or resolve the names of files, and `date`, which only shows it here. */
export const names: Readonly<Record<string, CommandRule>> = {
  pwd: { arguments: [[], ["-P"], ["-L"]] },
  basename: {
    arguments: {
      flags: { ...plain("-a -z"), "-s": "text" },
      positionals: { kind: "text", min: 1 },
    },
  },
  dirname: { arguments: { flags: plain("-z"), positionals: { kind: "text", min: 1 } } },
  realpath: {
    arguments: { flags: plain("-e -m -s -q -z"), positionals: { kind: "path", min: 1 } },
  },
  date: {
    arguments: {
      flags: plain("-u -R -I -Iseconds --utc"),
      // Without the plus it would set the clock.
      positionals: { kind: /\+[\w %:.,/+-]+/, max: 1 },
    },
  },
};
