import type { ArgumentKind, CommandRule } from "../rule.ts";
import { plain } from "./plain-flags.ts";

/** `5`, `-5` (all but the last five), `+5` (from the fifth on). */
const count = /[+-]?\d+/;
const shortCounts = plain("-1 -2 -3 -5 -10 -15 -20 -25 -30 -40 -50 -80 -100 -200 -500");

/**
 * No slash: programs that do not look for flags after the first file would take the value as one
 * more file.
 */
const delimiter = /[^/]/;
const fields = /[\d,-]+/;
const sortKey = /\d+(\.\d+)?[bdfgiMhnRrV]*(,\d+(\.\d+)?[bdfgiMhnRrV]*)?/;

/** Programs that print files, or parts of them. `tail` never follows; `sort` and `uniq` never write. */
export const showText: Readonly<Record<string, CommandRule>> = {
  cat: files(plain("-n -b -s -A -E -T -v -e -t -u --number --squeeze-blank --show-all")),
  head: files({
    ...plain("-q -v --quiet --verbose"),
    ...shortCounts,
    ...{ "-n": count, "-c": count, "--lines": count, "--bytes": count },
  }),
  tail: files({
    ...plain("-q -v --quiet --verbose"),
    ...shortCounts,
    ...{ "-n": count, "-c": count, "--lines": count, "--bytes": count },
  }),
  wc: files(plain("-l -w -c -m -L --lines --words --bytes --chars")),
  sort: files({
    ...plain("-n -r -u -f -b -d -g -h -i -M -R -V -s -c -C -m -z"),
    ...plain("--numeric-sort --reverse --unique --ignore-case --human-numeric-sort --version-sort"),
    ...{ "-k": sortKey, "--key": sortKey, "-t": delimiter, "--field-separator": delimiter },
  }),
  cut: files({
    ...plain("-s --only-delimited --complement"),
    ...{ "-d": delimiter, "-f": fields, "-c": fields, "-b": fields },
    ...{ "--delimiter": delimiter, "--fields": fields, "--characters": fields, "--bytes": fields },
  }),
  uniq: {
    arguments: {
      flags: {
        ...plain("-c -d -D -i -u -z --count --repeated --unique --ignore-case"),
        ...{ "-f": "number", "-s": "number", "-w": "number" },
      },
      bundling: true,
      // It writes to the second, as which some take a flag that comes after the first.
      positionals: { kind: "path", max: 1 },
    },
  },
  sed: {
    arguments: {
      prefix: ["-n"],
      // Of a script with other commands, w writes, r reads and e runs.
      positionals: { first: [/\d+(,(\d+|\$))?p/], kind: "path", min: 2 },
    },
  },
};

function files(flags: Readonly<Record<string, "none" | ArgumentKind>>): CommandRule {
  return {
    arguments: { flags, bundling: true, order: "anywhere", positionals: { kind: "path" } },
  };
}
