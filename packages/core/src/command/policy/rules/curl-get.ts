import { MeanwhileError } from "../../../errors.ts";
import { requireWhole } from "../../../task/durations.ts";
import type { CommandRule } from "../rule.ts";
import { plain } from "./plain-flags.ts";

/** What `curlGet` allows. */
export interface CurlGetOptions {
  /**
   * Hosts that may be asked, in small letters, with a port if it is not 443: `"api.example.com"`,
   * `"localhost:8443"`. Nothing below them is meant.
   */
  readonly hosts: readonly string[];
  /** Bytes of the largest answer, as far as curl can tell. @default 104857600 */
  readonly maxBytes?: number;
  /** Seconds that a request may take. @default 300 */
  readonly maxSeconds?: number;
}

const host = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9]\d{0,4})?$/;

const flags = {
  ...plain("-s -S -f -i -I --silent --show-error --fail --include --head --compressed"),
  ...plain("--no-progress-meter"),
  ...{ "-H": /Accept(-Language)?: ?[ -~]+/i, "--header": /Accept(-Language)?: ?[ -~]+/i },
} as const;

/**
 * `curl` for one `https` address on the hosts listed: GET, or HEAD with `-I`. The answer is printed
 * or, with `-o PATH`, written below the root to a file that does not exist yet (curl 7.83 and later;
 * if it does, curl adds a number to the name). Redirects are not followed, since they may lead to
 * other hosts; no configuration file is read, and nothing is sent but the address and what is
 * accepted. The address may be used to send something out to these hosts. Before curl 8.4, an
 * answer that does not tell its length may be larger than `maxBytes`.
 *
 * Throws `INVALID_OPTION` when there are no hosts, or ones that are not spelled as above.
 */
export function curlGet(options: CurlGetOptions): readonly CommandRule[] {
  const { hosts, maxBytes = 104_857_600, maxSeconds = 300 } = options;
  const wrong = hosts.find((name) => typeof name !== "string" || !host.test(name));
  if (hosts.length === 0 || wrong !== undefined) {
    throw new MeanwhileError(
      "INVALID_OPTION",
      `curlGet needs hosts such as "api.example.com" or "localhost:8443", in small letters${wrong === undefined ? "" : `, not ${JSON.stringify(wrong)}`}.`,
    );
  }
  requireWhole(maxBytes, "maxBytes", "INVALID_OPTION", 1);
  requireWhole(maxSeconds, "maxSeconds", "INVALID_OPTION", 1);
  const closed = [
    // Only as the very first does it keep the configuration file from being read.
    ...["-q", "--globoff", "--proto", "=https"],
    ...["--max-time", String(maxSeconds), "--max-filesize", String(maxBytes)],
  ];
  const names = hosts.map((name) => name.replaceAll(".", "\\.")).join("|");
  // No backslash, bracket, quote, space, or @ before the path: parsers differ in what they mean.
  const url = new RegExp(`https://(?:${names})(?:[/?][\\w.~!$&'()*+,;=:@%/?-]*)?`);
  const shared = {
    bundling: true,
    order: "anywhere",
    separator: false,
    positionals: { kind: url, min: 1, max: 1 },
  } as const;
  return [
    { arguments: { ...shared, flags, insert: { before: closed } } },
    {
      arguments: {
        ...shared,
        flags: { ...flags, "-o": "path", "--output": "path" },
        insert: { before: [...closed, "--no-clobber"] },
      },
    },
  ];
}
